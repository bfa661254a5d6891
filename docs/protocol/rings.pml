/*
 * The ring of docs/protocol/rings.md in one direction: sender and receiver over memory with store buffers, as x86-64 has them
 * (TSO: the stores of a processor become visible in their order, but later than its next loads). Spin walks through every
 * interleaving. Wrong would be: a sender or a receiver that waits for a doorbell that nobody rings (an invalid end state), or
 * a record that is not as it was written (an assertion).
 *
 *   spin -a rings.pml && cc -O2 -o pan pan.c && ./pan -m100000
 *
 * Variants, given to spin as -D:
 *   FUTEX             the receiver is a thread that waits for its reply by a futex on the sleeping word (2), not by the doorbell
 *   WAKER             a third thread ends the receiver's sleep in the futex once, at any moment, also when the receiver is not there any more
 *   CREDIT            a record needs credit, in messages and in units, which the receiver gives back in two words
 *   SHORT             records of the whole ring have the short form: what it is stands in the header, the rest behind it is written after that
 *   ASYMMETRIC        no fence between publishing and looking at the other's flag; who falls asleep calls membarrier(2), which
 *                     makes the other side's stores visible at some moment between its call and its return
 * Faults, each of which must be found:
 *   NO_SENDER_FENCE, NO_RECEIVER_FENCE, NO_SECOND_LOOK   around sleeping
 *   NO_ROOM_SENDER_FENCE, NO_ROOM_RECEIVER_FENCE, NO_ROOM_SECOND_LOOK   around waiting
 *   NO_MEMBARRIER     with ASYMMETRIC: nobody makes the other side's stores visible
 *   WAKER_TAKES_ALL   with WAKER: it takes down whatever the receiver has said about how it sleeps, not the futex alone
 *   LAZY_ROOM         the receiver does not look at waiting before it falls asleep
 *   TAIL_FIRST        the tail is published before the record
 *   HEAD_FIRST        the place is given back before it was read
 *   NO_CREDIT_SENDER_FENCE, NO_CREDIT_RECEIVER_FENCE, NO_CREDIT_SECOND_LOOK   with CREDIT: around credit wanted
 *   CREDIT_LOOK_FIRST the receiver looks at credit wanted before it gives credit
 *   CREDIT_LATE_UNITS the receiver gives the units after it has looked at credit wanted
 *   SHORT_TAIL_FIRST  with SHORT: the tail of a short record is published before what stands behind its header
 */
#ifndef RECORDS
#define RECORDS 4
#endif
#define UNITS   2               /* of the ring; a record takes one, or all of them */
#define STORES  4               /* of a store buffer */

#define SENDER   0
#define RECEIVER 1

#define TAIL     0
#define HEAD     1
#define SLEEPING 2
#define WAITING  3
#define DATA     4
#define CREDIT_MESSAGES 6
#define CREDIT_UNITS    7
#define CREDIT_WANTED   8
#define WORDS    9

#define WINDOW_MESSAGES 2
#define WINDOW_UNITS    3

/* What stands in each unit of a record: its number, whether it has the short form, its units. */
#ifdef SHORT
#define FORM(size) ((size) == UNITS)
#else
#define FORM(size) 0
#endif
#define MARK(number, size) ((number) * 8 + FORM(size) * 4 + (size))

byte memory[WORDS];
chan buffer[2] = [STORES] of { byte, byte };
byte pending[18];               /* stores of a side to a word that are not visible yet */
byte newest[18];                /* and the newest of them, which the side itself sees */

chan bell[2] = [1] of { bit };  /* a full socket drops bells: its reader is awake, or will be */
bit parked;                     /* a thread sleeps in the futex */

#define AT(side, word) ((side) * WORDS + (word))

inline store(side, word, value) {
	atomic {
		nfull(buffer[side]);
		buffer[side]!word, value;
		pending[AT(side, word)]++;
		newest[AT(side, word)] = value
	}
}

inline load(side, word, into) {
	atomic {
		if
		:: pending[AT(side, word)] > 0 -> into = newest[AT(side, word)]
		:: else -> into = memory[word]
		fi
	}
}

/* Goes on when everything that this side has stored is visible. */
inline fence(side) { empty(buffer[side]) }

/* A locked instruction. */
inline exchange(side, word, value, into) {
	atomic { empty(buffer[side]); into = memory[word]; memory[word] = value }
}

/* Returns only after a moment at which all that the other side had stored until then was visible; a fence for who calls. */
inline membarrier(side) {
	fence(side);
#ifndef NO_MEMBARRIER
	empty(buffer[1 - side])
#endif
}

inline ring(side) {
	atomic {
		if
		:: nfull(bell[side]) -> bell[side]!1
		:: full(bell[side]) -> skip
		fi
	}
}

/* The memory system: makes the oldest store visible, at any time. */
proctype drain(byte side) {
	byte word, value;
end:
	do
	:: atomic { buffer[side]?word, value -> memory[word] = value; pending[AT(side, word)]--; word = 0; value = 0 }
	od
}

inline fence_after_publishing(side) {
#ifndef ASYMMETRIC
	fence(side)
#else
	skip
#endif
}

inline fence_before_sleeping(side) {
#ifdef ASYMMETRIC
	membarrier(side)
#else
	fence(side)
#endif
}

inline write_record() {
	byte unit = 0;
	do
	:: unit < size ->
#ifdef SHORT_TAIL_FIRST
		if
		:: FORM(size) && unit == 1 -> store(SENDER, TAIL, tail + size)
		:: else -> skip
		fi;
#endif
		store(SENDER, DATA + (tail + unit) % UNITS, MARK(number, size)); unit++
	:: else -> break
	od;
	unit = 0
}

#ifdef CREDIT
#define HAS_CREDIT (number - 1 - messages < WINDOW_MESSAGES && tail + size - units <= WINDOW_UNITS)

inline take_credit() {
	load(SENDER, CREDIT_MESSAGES, messages);
	load(SENDER, CREDIT_UNITS, units)
}

inline wait_for_credit() {
	do
	:: HAS_CREDIT -> break
	:: else ->
		take_credit();
		if
		:: HAS_CREDIT -> break
		:: else -> skip
		fi;
		store(SENDER, CREDIT_WANTED, 1);
#ifndef NO_CREDIT_SENDER_FENCE
		fence(SENDER);
#endif
#ifndef NO_CREDIT_SECOND_LOOK
		take_credit();
		if
		:: HAS_CREDIT -> break
		:: else -> skip
		fi;
#endif
		bell[SENDER]?_
	od
}

inline look_at_credit_wanted() {
	load(RECEIVER, CREDIT_WANTED, flag);
	if
	:: flag != 0 ->
		exchange(RECEIVER, CREDIT_WANTED, 0, flag);
		if
		:: flag != 0 -> ring(SENDER)
		:: else -> skip
		fi
	:: else -> skip
	fi;
	flag = 0
}

inline give_credit() {
#ifdef CREDIT_LOOK_FIRST
	look_at_credit_wanted();
#endif
	store(RECEIVER, CREDIT_MESSAGES, number - 1);
#ifndef CREDIT_LATE_UNITS
	store(RECEIVER, CREDIT_UNITS, head);
#endif
#ifndef NO_CREDIT_RECEIVER_FENCE
	fence(RECEIVER);
#endif
#ifndef CREDIT_LOOK_FIRST
	look_at_credit_wanted();
#endif
#ifdef CREDIT_LATE_UNITS
	store(RECEIVER, CREDIT_UNITS, head);
#endif
}
#endif

proctype sender() {
	byte tail, seen_head, number = 1, size, flag;
#ifdef CREDIT
	byte messages, units;
#endif
	do
	:: number > RECORDS -> break
	:: else ->
		if
		:: size = 1
		:: size = UNITS
		fi;
#ifdef CREDIT
		wait_for_credit();
#endif
		/* A place. */
		do
		:: tail + size - seen_head <= UNITS -> break
		:: else ->
			load(SENDER, HEAD, seen_head);
			if
			:: tail + size - seen_head <= UNITS -> break
			:: else -> skip
			fi;
			store(SENDER, WAITING, 1);
#ifndef NO_ROOM_SENDER_FENCE
			fence_before_sleeping(SENDER);
#endif
#ifndef NO_ROOM_SECOND_LOOK
			load(SENDER, HEAD, seen_head);
			if
			:: tail + size - seen_head <= UNITS -> break
			:: else -> skip
			fi;
#endif
			bell[SENDER]?_
		od;
#ifdef TAIL_FIRST
		store(SENDER, TAIL, tail + size);
		write_record();
#else
		write_record();
		store(SENDER, TAIL, tail + size);
#endif
		tail = tail + size;
#ifndef NO_SENDER_FENCE
		fence_after_publishing(SENDER);
#endif
		load(SENDER, SLEEPING, flag);
		if
		:: flag != 0 ->
			/* It may give the receiver a moment to look by itself. */
			if
			:: load(SENDER, SLEEPING, flag)
			:: skip
			fi;
			if
			:: flag != 0 ->
				exchange(SENDER, SLEEPING, 0, flag);
				if
				:: flag == 1 -> ring(RECEIVER)
				:: flag == 2 -> parked = 0
				:: else -> skip
				fi
			:: else -> skip
			fi
		:: else -> skip
		fi;
		flag = 0;
		number++
	od
}

inline look_at_waiting() {
	load(RECEIVER, WAITING, flag);
	if
	:: flag != 0 && seen_tail - head <= UNITS / 2 ->
		exchange(RECEIVER, WAITING, 0, flag);
		if
		:: flag != 0 -> ring(SENDER)
		:: else -> skip
		fi
	:: else -> skip
	fi;
	flag = 0
}

proctype receiver() {
	byte head, seen_tail, number = 1, size, flag, value, published;
	bit armed;
	do
	:: number > RECORDS -> break
	:: else ->
		if
		:: seen_tail == head -> load(RECEIVER, TAIL, seen_tail)
		:: else -> skip
		fi;
		if
		:: seen_tail != head ->
			if
			:: armed -> armed = 0; store(RECEIVER, SLEEPING, 0)
			:: else -> skip
			fi;
			load(RECEIVER, DATA + head % UNITS, value);
			size = value % 4;
#ifdef HEAD_FIRST
			store(RECEIVER, HEAD, head + size);
#endif
			assert(value == MARK(number, size) && size >= 1 && size <= seen_tail - head);
			load(RECEIVER, DATA + (head + size - 1) % UNITS, value);
			assert(value == MARK(number, size));
			value = 0;
			head = head + size;
			size = 0;
			number++;
			/* Now or later. */
			if
			:: store(RECEIVER, HEAD, head); published = head;
#ifndef NO_ROOM_RECEIVER_FENCE
				fence_after_publishing(RECEIVER);
#endif
				look_at_waiting()
			:: skip
			fi
#ifdef CREDIT
			; give_credit()
#endif
		:: else ->
			if
			:: published != head -> store(RECEIVER, HEAD, head); published = head
			:: else -> skip
			fi;
			armed = 1;
#ifdef FUTEX
			store(RECEIVER, SLEEPING, 2);
#else
			store(RECEIVER, SLEEPING, 1);
#endif
			/* One fence for both looks. */
#ifdef NO_ROOM_RECEIVER_FENCE
			look_at_waiting();
#endif
#ifndef NO_RECEIVER_FENCE
			fence(RECEIVER);
#endif
#if !defined(LAZY_ROOM) && !defined(NO_ROOM_RECEIVER_FENCE)
			look_at_waiting();
#endif
#ifndef NO_RECEIVER_FENCE
			fence_before_sleeping(RECEIVER);
#endif
#ifndef NO_SECOND_LOOK
			load(RECEIVER, TAIL, seen_tail);
			if
			:: seen_tail != head -> armed = 0; store(RECEIVER, SLEEPING, 0)
			:: else ->
#endif
#ifdef FUTEX
				/* The kernel looks at the word once more, under a lock that who wakes takes too. */
				atomic {
					empty(buffer[RECEIVER]);
					if
					:: memory[SLEEPING] == 2 -> parked = 1
					:: else -> skip
					fi
				};
				parked == 0
#else
				bell[RECEIVER]?_
#endif
#ifndef NO_SECOND_LOOK
			fi
#endif
		fi
	od
}

#ifdef WAKER
/* Locked instructions of a third processor. */
proctype waker() {
	atomic {
		if
#ifdef WAKER_TAKES_ALL
		:: true -> memory[SLEEPING] = 0
#else
		:: memory[SLEEPING] == 2 -> memory[SLEEPING] = 0
		:: else -> skip
#endif
		fi
	};
	parked = 0
}
#endif

init {
	atomic {
		run drain(SENDER); run drain(RECEIVER); run sender(); run receiver();
#ifdef WAKER
		run waker()
#endif
	}
}
