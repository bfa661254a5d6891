// Peers that live for a moment: each connects, shakes hands, sends numbered one-way requests through its ring, and is killed
// with SIGKILL wherever it is just then. wire.h is printed by the bad neighbour's program ("wire-header").
//
//   mortal SOCKET COUNTS FIRST COUNT SEED
//
// SOCKET: an abstract name without its @. COUNTS: a file of one uint32 for each peer; how many requests it published, where the
// last one may be missing, for a peer may die between the two stores. Peers FIRST to FIRST + COUNT - 1.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "wire.h"

// Within the window that every receiver gives, so that no credit is waited for.
#define MOST 900

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static socklen_t address_length;

static void say_hello(int sock, int memory)
{
    struct iovec vector = { (void *)hello, sizeof hello };
    union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control = { 0 };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &memory, sizeof(int));
    if (sendmsg(sock, &message, MSG_NOSIGNAL) < 0)
        _exit(3);
}

static void put32(unsigned char *at, uint32_t value) { memcpy(at, &value, 4); }

// One-way request: header, int32 stream, int32 number, int32 length, bytes.
static uint32_t compose(unsigned char *record, uint32_t stream, uint32_t number)
{
    uint32_t contents = number * 97 % 300, data = 12 + ((contents + 3) & ~3u), length = sizeof one_way + data;
    memcpy(record, one_way, sizeof one_way);
    put32(record + 8, length);
    put32(record + 12, data);
    unsigned char *at = record + sizeof one_way;
    put32(at, stream);
    put32(at + 4, number);
    put32(at + 8, contents);
    for (uint32_t i = 0; i < contents; i++)
        at[12 + i] = (unsigned char)(number * 31 + i);
    return length;
}

static void live(uint32_t stream, volatile uint32_t *published)
{
    int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (sock < 0 || connect(sock, (struct sockaddr *)&address, address_length) < 0)
        _exit(2);
    int memory = memfd_create("lifeline-rings", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0 || ftruncate(memory, MEMORY_BYTES) < 0 || fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        _exit(4);
    unsigned char *map = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    say_hello(sock, memory);
    char answer[512];
    if (recv(sock, answer, sizeof answer, 0) <= 0)
        _exit(5);
    uint64_t *tail_word = (uint64_t *)(map + TAIL_AT), *head_word = (uint64_t *)(map + HEAD_AT);
    uint32_t *sleeping = (uint32_t *)(map + SLEEPING_AT);
    unsigned char *data = map + DATA_AT;
    uint64_t tail = 0;
    for (uint32_t number = 0; number < MOST; number++) {
        unsigned char record[1024];
        uint32_t length = compose(record, stream, number), size = 8 + ((length + 7) & ~7u), at = tail % RING_BYTES;
        uint32_t skip = size > RING_BYTES - at ? RING_BYTES - at : 0;
        while (tail + skip + size - __atomic_load_n(head_word, __ATOMIC_ACQUIRE) > RING_BYTES)
            sched_yield();
        if (skip) {
            __atomic_store_n((uint64_t *)(data + at), (uint64_t)(skip - 8) | (uint64_t)RECORD_SKIP << 32, __ATOMIC_RELAXED);
            at = 0;
        }
        memcpy(data + at + 8, record, length);
        __atomic_store_n((uint64_t *)(data + at), (uint64_t)length | (uint64_t)RECORD_HERE << 32, __ATOMIC_RELAXED);
        tail += skip + size;
        __atomic_store_n(tail_word, tail, __ATOMIC_RELEASE);
        *published = number + 1;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (__atomic_load_n(sleeping, __ATOMIC_RELAXED) && __atomic_exchange_n(sleeping, 0, __ATOMIC_ACQ_REL))
            send(sock, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 64;
    strncpy(address.sun_path + 1, argv[1], sizeof address.sun_path - 2);
    address_length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argv[1]);
    uint32_t first = atoi(argv[3]), count = atoi(argv[4]);
    unsigned seed = atoi(argv[5]);
    int file = open(argv[2], O_RDWR | O_CLOEXEC);
    off_t bytes = lseek(file, 0, SEEK_END);
    uint32_t *published = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (published == MAP_FAILED)
        return 1;
    for (uint32_t i = first; i < first + count; i++) {
        pid_t child = fork();
        // kill(-1) would be for everybody.
        if (child < 0) {
            perror("fork");
            return 1;
        }
        if (child == 0)
            live(i, published + i);
        // Most die while they send, some while they shake hands.
        struct timespec moment = { 0, (rand_r(&seed) % 8 ? rand_r(&seed) % 2000 : rand_r(&seed) % 300) * 1000 };
        nanosleep(&moment, NULL);
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        if (!WIFSIGNALED(status)) {
            fprintf(stderr, "peer %u ended by itself with %d\n", i, WEXITSTATUS(status));
            return 1;
        }
    }
    return 0;
}
