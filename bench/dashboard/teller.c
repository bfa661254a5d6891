// Says another status every INTERVAL milliseconds, over the notify socket that Lifeline gives it, beginning at a moment of its own.
//   teller INTERVAL
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *path = getenv("NOTIFY_SOCKET");
    long interval = argc > 1 ? atol(argv[1]) : 0;
    if (!path || interval <= 0) {
        fprintf(stderr, "usage: teller INTERVAL, as a service\n");
        return 2;
    }
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof to.sun_path)
        return 2;
    strcpy(to.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    // Spread over the interval, so that the changes come evenly.
    long offset = (long)((unsigned)getpid() * 2654435761u % (unsigned)interval);
    for (long number = 0;; number++) {
        long ms = number == 0 ? offset : interval;
        next.tv_nsec += ms % 1000 * 1000000;
        next.tv_sec += ms / 1000 + next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
            ;
        char text[64];
        int length = snprintf(text, sizeof text, "READY=1\nSTATUS=queue %ld\n", number);
        if (send(fd, text, (size_t)length, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
            return 1;
    }
}
