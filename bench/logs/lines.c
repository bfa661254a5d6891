/* Writes lines of 100 bytes with rising numbers to standard output as a program does: through 64 KiB of stdio.
   lines STAMP COUNT: STAMP gets the monotonic time of the first byte. Then it waits to be killed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    static char buffer[64 * 1024];
    long count = argc > 2 ? atol(argv[2]) : 2000000;
    struct timespec now;
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    FILE *stamp = fopen(argv[1], "wx");
    if (!stamp) { pause(); return 0; }
    clock_gettime(CLOCK_MONOTONIC, &now);
    fprintf(stamp, "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
    fclose(stamp);
    char line[101];
    memset(line, 'x', 99);
    line[99] = '\n';
    for (long i = 0; i < count; i++) {
        char number[16];
        memcpy(line, number, (size_t)snprintf(number, sizeof number, "%09ld ", i));
        fwrite(line, 1, 100, stdout);
    }
    fflush(stdout);
    pause();
    return 0;
}
