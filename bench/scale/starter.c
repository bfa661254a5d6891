/* A service that notes the moment of its first instruction and then sleeps: starter STAMPS, a file of N × 8 bytes.
   Each takes the next free place; CLOCK_MONOTONIC in nanoseconds. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int file = argc > 1 ? open(argv[1], O_RDWR) : -1;
    struct stat size;
    if (file < 0 || fstat(file, &size) != 0) return 1;
    uint64_t *places = mmap(0, size.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (places == MAP_FAILED) return 1;
    uint64_t index = __atomic_fetch_add(&places[0], 1, __ATOMIC_RELAXED) + 1;
    if (index < (uint64_t)size.st_size / 8) places[index] = now.tv_sec * 1000000000ull + now.tv_nsec;
    munmap(places, size.st_size);
    close(file);
    for (;;) pause();
}
