/* Writes lines of 100 bytes with rising numbers to standard output in blocks of 64 KiB, as a program with stdio does, but faster than
   anybody takes them: making 2 000 000 lines costs 20 ms, so what is measured is who collects.
   lines STAMP COUNT: STAMP gets the monotonic time of the first byte. Then it waits to be killed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 100, DIGITS = 9, BLOCK = 64 * 1024 };

static char block[BLOCK];
static size_t filled;

static void flush(void) {
    for (size_t done = 0; done < filled;) {
        ssize_t count = write(STDOUT_FILENO, block + done, filled - done);
        if (count < 0 && errno != EINTR) exit(1);
        if (count > 0) done += (size_t)count;
    }
    filled = 0;
}

static void put(const char *line) {
    size_t first = BLOCK - filled < LINE ? BLOCK - filled : LINE;
    memcpy(block + filled, line, first);
    filled += first;
    if (filled < BLOCK) return;
    flush();
    memcpy(block, line + first, LINE - first);
    filled = LINE - first;
}

int main(int argc, char **argv) {
    long count = argc > 2 ? atol(argv[2]) : 2000000;
    struct timespec now;
    FILE *stamp = fopen(argv[1], "wx");
    if (!stamp) { pause(); return 0; }
    clock_gettime(CLOCK_MONOTONIC, &now);
    fprintf(stamp, "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
    fclose(stamp);
    char line[LINE];
    memset(line, 'x', LINE);
    memset(line, '0', DIGITS);
    line[DIGITS] = ' ';
    line[LINE - 1] = '\n';
    for (long i = 0; i < count; i++) {
        put(line);
        for (int digit = DIGITS - 1; digit >= 0 && ++line[digit] > '9'; digit--) line[digit] = '0';
    }
    flush();
    pause();
    return 0;
}
