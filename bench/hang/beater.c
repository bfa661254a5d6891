// A service that says READY=1 and WATCHDOG=1 as sd_notify(3) does, so many times, and then hangs as it is told to:
//   beater STAMP PERIOD_MS BEATS sleep|spin|deaf
// STAMP is a file of at least a page. Its first work is to tell, on standard output, how long after the last beat of the one before
// it began. BEATS 0: for ever. deaf: ignores every signal that can be ignored.
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct stamp { volatile int64_t begun, pid, starts, beat; };

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
    int64_t begun = now();
    const char *path = getenv("NOTIFY_SOCKET");
    int file = argc == 5 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
    if (file < 0 || !path)
        return 2;
    struct stamp *stamp = mmap(0, sizeof *stamp, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (stamp->starts++ > 0)
        printf("replaced after %.3f ms\n", (begun - stamp->beat) / 1e6);
    fflush(stdout);
    stamp->begun = begun;
    __atomic_store_n(&stamp->pid, (int64_t)getpid(), __ATOMIC_RELEASE);

    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    if (path[0] == '@')
        address.sun_path[0] = 0;
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(path);
    int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sendto(notify, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&address, length);

    long period = atol(argv[2]), beats = atol(argv[3]);
    struct timespec pause_time = { period / 1000, period % 1000 * 1000000 };
    for (long i = 0; beats == 0 || i < beats; i++) {
        if (i > 0)
            nanosleep(&pause_time, 0);
        stamp->beat = now();
        sendto(notify, "WATCHDOG=1", 10, MSG_NOSIGNAL, (struct sockaddr *)&address, length);
    }

    if (!strcmp(argv[4], "deaf"))
        for (int signal_number = 1; signal_number < 32; signal_number++)
            signal(signal_number, SIG_IGN);
    for (;;)
        if (strcmp(argv[4], "spin"))
            pause();
}
