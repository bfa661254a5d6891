/* A service whose grandchild leaves its session and ignores TERM, and the one who kills the service.
   family run LOG 0|1      the service; 1: with such a grandchild. Appends: pid, monotonic start, pid of the grandchild,
                           and whether the grandchild of the life before still lives.
   family kill LOG ROUNDS  kills it again and again; prints the times until the next life's first instruction. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int lives(long pid) {
    char path[64], text[512], *end;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    int found = fgets(text, sizeof text, file) && (end = strrchr(text, ')')) && end[2] != 'Z' && end[2] != 'X' && strstr(text, "(family)");
    fclose(file);
    return found;
}

/* The last line: returns how many there are. */
static int last(const char *log, long *pid, long long *start, long *orphan, int *alive) {
    int lines = 0;
    char line[128];
    FILE *file = fopen(log, "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file))
        if (strchr(line, '\n') && sscanf(line, "%ld %lld %ld %d", pid, start, orphan, alive) == 4) lines++;
    fclose(file);
    return lines;
}

static long beget(void) {
    int ends[2];
    long pid = 0;
    if (pipe(ends)) return 0;
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() == 0) {
            signal(SIGTERM, SIG_IGN);
            pid = getpid();
            if (write(ends[1], &pid, sizeof pid) < 0) _exit(1);
            close(ends[0]); close(ends[1]);
            for (;;) pause();
        }
        _exit(0);
    }
    if (read(ends[0], &pid, sizeof pid) < 0) pid = 0;
    close(ends[0]); close(ends[1]);
    waitpid(child, NULL, 0);
    return pid;
}

static int by_value(const void *a, const void *b) {
    long long x = *(const long long *)a, y = *(const long long *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
    long long started = now(), start = 0;
    long pid = 0, orphan = 0;
    int alive = 0;
    if (argc < 4) return 2;
    if (!strcmp(argv[1], "run")) {
        char line[128];
        int before = last(argv[2], &pid, &start, &orphan, &alive) && orphan && lives(orphan);
        long mine = argv[3][0] == '1' ? beget() : 0;
        int length = snprintf(line, sizeof line, "%d %lld %ld %d\n", getpid(), started, mine, before);
        int log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
        if (write(log, line, (size_t)length) < 0) return 1;
        for (;;) pause();
    }
    int rounds = atoi(argv[3]), left = 0, seen;
    long long *took = calloc((size_t)rounds, sizeof *took);
    struct timespec look = {0, 200000}, rest = {0, 300000000};
    while (!(seen = last(argv[2], &pid, &start, &orphan, &alive))) nanosleep(&look, NULL);
    for (int i = 0; i < rounds; i++) {
        nanosleep(&rest, NULL);
        long long killed = now();
        kill((pid_t)pid, SIGKILL);
        while (last(argv[2], &pid, &start, &orphan, &alive) == seen)
            if (now() - killed > 60000000000LL) { puts("no replacement within a minute"); return 1; }
            else nanosleep(&look, NULL);
        seen++;
        took[i] = start - killed;
        left += alive;
    }
    qsort(took, (size_t)rounds, sizeof *took, by_value);
    printf("median %8.2f ms   largest %8.2f ms   orphans alive at the start: %d of %d\n", (double)took[rounds / 2] / 1e6, (double)took[rounds - 1] / 1e6, left, rounds);
    return 0;
}
