#define _GNU_SOURCE
/* A service of the campaign: it notices for itself what must not happen, and writes it down in a file that nobody's death empties.
   member KIND FOLDER, KIND: writer (lines), beater (signs of life and lines), listener (answers on descriptor 3), looper (dies soon).
   FOLDER/trouble     what went wrong: doubled, a failed write, SIGPIPE, a refused sign of life
   FOLDER/NAME.starts a line "GENERATION PID" for each start
   FOLDER/NAME.GEN    two numbers of 8 bytes: the lines on standard output and on standard error of which the write has returned */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static const char *folder, *name, *generation;
static volatile int64_t *written;
static int trouble;

static void complain(const char *what, int error) {
    char text[256];
    int length = snprintf(text, sizeof text, "%s %s %s: %s\n", what, name, generation, error ? strerror(error) : "");
    if (write(trouble, text, (size_t)length) != length) _exit(99);
}

static void broken_pipe(int signal) { (void)signal; complain("SIGPIPE", 0); }

static int append(const char *suffix, int flags) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0644);
}

/* As long as 40 to 139 bytes, so that ends of lines and of blocks do not meet. */
static void say(int descriptor) {
    static const char filling[] = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz012";
    char line[256];
    int64_t number = written[descriptor - 1] + 1;
    int length = snprintf(line, sizeof line, "%s %s %lld %.*s\n", name, generation, (long long)number, (int)(rand() % 100), filling);
    for (int done = 0; done < length;) {
        ssize_t count = write(descriptor, line + done, (size_t)(length - done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) { complain("write", errno); _exit(98); }
        done += (int)count;
    }
    written[descriptor - 1] = number;
}

static void rest(int milliseconds) {
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&pause, NULL);
}

static void beat(int socket, long number) {
    char text[64];
    int length = snprintf(text, sizeof text, "WATCHDOG=1\nSTATUS=beat %ld", number);
    if (send(socket, text, (size_t)length, MSG_DONTWAIT) < 0 && errno != EAGAIN) complain("notify", errno);
}

static int notify_socket(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path ? path : "");
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) complain("notify connect", errno);
    return descriptor;
}

static void answer(void) {
    struct pollfd waiting = {3, POLLIN, 0};
    if (poll(&waiting, 1, 20) <= 0) return;
    int client = accept4(3, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) { complain("accept", errno); return; }
    send(client, name, strlen(name), MSG_NOSIGNAL);
    close(client);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    const char *kind = argv[1];
    char path[512];
    folder = argv[2];
    name = getenv("LIFELINE_SERVICE");
    generation = getenv("LIFELINE_GENERATION");
    snprintf(path, sizeof path, "%s/trouble", folder);
    trouble = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    signal(SIGPIPE, broken_pipe);
    srand((unsigned)getpid());

    int lock = append(".lock", 0);
    if (flock(lock, LOCK_EX | LOCK_NB) < 0) complain("doubled", errno);
    int starts = append(".starts", O_APPEND);
    dprintf(starts, "%s %d\n", generation, getpid());
    snprintf(path, sizeof path, ".%s", generation);
    int notes = append(path, 0);
    if (ftruncate(notes, 16) < 0) complain("notes", errno);
    written = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, notes, 0);
    if (written[0] || written[1]) complain("started twice", 0);

    int socket = strcmp(kind, "beater") == 0 ? notify_socket() : -1;
    long rounds = strcmp(kind, "looper") == 0 ? 1 + rand() % 20 : -1;
    for (long round = 1; rounds < 0 || round <= rounds; round++) {
        for (int lines = rand() % 4; lines > 0; lines--) say(1 + rand() % 2);
        if (strcmp(kind, "listener") == 0) answer();
        else if (socket >= 0) { beat(socket, round); rest(100); }
        else rest(rand() % 30);
    }
    return 1;
}
