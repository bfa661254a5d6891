/*
 * The lock that one thread enters without an atomic instruction (BiasedGate), over memory with store buffers as x86-64 has them. Spin walks through every
 * interleaving. Wrong would be: two threads inside, or a thread that waits for ever.
 *
 * Faults, each of which must be found:
 *   ONE_FLAG      the flag for being inside is one for all, not one for each preference
 *   NO_MEMBARRIER who takes the preference back does not make the other's stores visible
 *   NO_SECOND_LOOK the preferred thread does not look whether it still is, once it has said that it is inside
 */
#define THREADS 2
#define ENTRIES 4
#define PREFERENCES 6           /* that can be given by so many entries, and none */
#define STORES 3

byte preference;                /* the number of it; 0 for none. Written inside of the lock alone, so that its stores are taken as visible at once */
byte owner[PREFERENCES + 1];    /* the thread + 1 */
byte given;
byte flag[PREFERENCES + 1];     /* as all see them */
chan buffer[THREADS] = [STORES] of { byte, byte };
bit locked;
byte inside;
byte last;                      /* the thread + 1 that came in slowly last */

#ifdef ONE_FLAG
#define FLAG(p) 0
#else
#define FLAG(p) (p)
#endif

proctype drain(byte thread) {
	byte p, value;
end:
	do
	:: atomic { buffer[thread]?p, value -> flag[p] = value; p = 0; value = 0 }
	od
}

inline store(p, value) { buffer[me]!FLAG(p), value }

/* The flag of another thread: what this one has stored itself is of no interest, and it has passed a fence. */
inline load(p, into) { into = flag[FLAG(p)] }

inline be_inside() {
	inside++;
	assert(inside == 1);
	inside--
}

proctype thread(byte me) {
	byte mine, left = ENTRIES, value;
	do
	:: left == 0 -> break
	:: else ->
		left--;
		mine = preference;
		if
		:: mine != 0 && owner[mine] == me + 1 ->
			store(mine, 1);
#ifndef NO_SECOND_LOOK
			if
			:: preference == mine ->
#endif
				be_inside();
				store(mine, 0);
				goto next
#ifndef NO_SECOND_LOOK
			:: else -> store(mine, 0)
			fi
#endif
		:: else -> skip
		fi;
		/* Slowly. A locked instruction makes visible what was stored before. */
		atomic { !locked && empty(buffer[me]) -> locked = 1 };
		mine = preference;
		if
		:: mine != 0 ->
			preference = 0;
#ifndef NO_MEMBARRIER
			empty(buffer[1 - me]);
#endif
			do
			:: load(mine, value);
				if
				:: value == 0 -> break
				:: else -> skip
				fi
			od
		:: else -> skip
		fi;
		if
		:: last != me + 1 -> last = me + 1
		:: else ->
			atomic { given++; owner[given] = me + 1; preference = given }
		fi;
		be_inside();
		atomic { empty(buffer[me]) -> locked = 0 };
next:
		mine = 0; value = 0
	od
}

init {
	atomic { run drain(0); run drain(1); run thread(0); run thread(1) }
}
