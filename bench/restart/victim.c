// The service of the measurement: its first work is to write who it is and when it began.
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct stamp { volatile int64_t begun; volatile int64_t pid; volatile int64_t starts; };

int main(int argc, char **argv)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int file = open(argv[1], O_RDWR | O_CLOEXEC);
    if (argc < 2 || file < 0)
        return 1;
    struct stamp *stamp = mmap(0, sizeof *stamp, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    stamp->begun = now.tv_sec * 1000000000LL + now.tv_nsec;
    stamp->starts++;
    __atomic_store_n(&stamp->pid, (int64_t)getpid(), __ATOMIC_RELEASE);
    for (;;)
        pause();
}
