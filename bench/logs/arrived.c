/* Waits until the files of a log hold all lines, and looks at each.
   arrived STAMP COUNT SECONDS FOLDER PREFIX: files PREFIX* of FOLDER but those ending in .idx.
   Prints: milliseconds since the stamp, lines lost, lines cut. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char paths[4096][512];
static int found;

static long long list(const char *folder, const char *prefix) {
    long long bytes = 0;
    DIR *dir = opendir(folder);
    found = 0;
    if (!dir) return 0;
    for (struct dirent *e; (e = readdir(dir));) {
        size_t length = strlen(e->d_name);
        if (strncmp(e->d_name, prefix, strlen(prefix)) || (length > 4 && !strcmp(e->d_name + length - 4, ".idx"))) continue;
        struct stat status;
        snprintf(paths[found], sizeof paths[0], "%s/%s", folder, e->d_name);
        if (stat(paths[found], &status) == 0 && found < 4095) { bytes += status.st_size; found++; }
    }
    closedir(dir);
    return bytes;
}

int main(int argc, char **argv) {
    long count = atol(argv[2]);
    struct timespec now, pause = {0, 2000000};
    long long start = 0, at = 0;
    for (;;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        at = now.tv_sec * 1000000000LL + now.tv_nsec;
        if (!start) {
            FILE *stamp = fopen(argv[1], "r");
            if (stamp) { if (fscanf(stamp, "%lld", &start) != 1) start = 0; fclose(stamp); }
        }
        if (start && list(argv[4], argv[5]) >= count * 100LL) break;
        if (start && at - start > atoll(argv[3]) * 1000000000LL) break;
        nanosleep(&pause, NULL);
    }
    char *seen = calloc(1, (size_t)count);
    long cut = 0, lost = 0;
    char line[4096];
    for (int i = 0; i < found; i++) {
        FILE *file = fopen(paths[i], "r");
        while (file && fgets(line, sizeof line, file)) {
            long number = atol(line);
            if (strlen(line) != 100 || line[99] != '\n' || number < 0 || number >= count) cut++;
            else seen[number] = 1;
        }
        if (file) fclose(file);
    }
    for (long i = 0; i < count; i++) lost += !seen[i];
    printf("%.1f %ld %ld\n", (double)(at - start) / 1e6, lost, cut);
    return 0;
}
