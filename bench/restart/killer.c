// Kills the victim again and again at random phases and prints how long its replacement took, in microseconds.
// killer FILE ROUNDS: FILE is the mapped stamp that each victim writes.
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct stamp { volatile int64_t begun; volatile int64_t pid; volatile int64_t starts; };

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    int rounds = atoi(argv[2]);
    int file = open(argv[1], O_RDWR);
    struct stamp *stamp = mmap(0, sizeof *stamp, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    int64_t *took = calloc(rounds, sizeof *took);
    const char *pause = getenv("KILLER_PAUSE_US");
    int64_t least = pause ? atoll(pause) : 20000;
    srand(17);
    while (__atomic_load_n(&stamp->pid, __ATOMIC_ACQUIRE) == 0)
        usleep(1000);
    for (int round = 0; round < rounds; round++) {
        usleep(least + rand() % 30000);
        int64_t pid = __atomic_load_n(&stamp->pid, __ATOMIC_ACQUIRE);
        int64_t killed = now();
        kill((pid_t)pid, SIGKILL);
        while (__atomic_load_n(&stamp->pid, __ATOMIC_ACQUIRE) == pid) {
            if (now() - killed > 20000000000LL) {
                fprintf(stderr, "round %d: no replacement within 20 s\n", round);
                return 1;
            }
            // Waiting must not take the processor from those that are measured.
            usleep(50);
        }
        took[round] = stamp->begun - killed;
    }
    qsort(took, rounds, sizeof *took, ascending);
    printf("min %.0f  median %.0f  p99 %.0f  max %.0f us, %lld starts in %d kills\n",
        took[0] / 1e3, took[rounds / 2] / 1e3, took[rounds * 99 / 100] / 1e3, took[rounds - 1] / 1e3,
        (long long)stamp->starts, rounds);
    return 0;
}
