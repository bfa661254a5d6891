// Which functions of a program are entered, by it and by its children that run the same program: a breakpoint at each, taken away when it is met.
// entered SYMBOLS OUT PROGRAM ARGUMENTS...    SYMBOLS: lines of hexadecimal addresses. OUT: "role address" in the order of first entry.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long *addresses; static unsigned char *originals; static size_t count;
struct space { pid_t group; int mem; char role[32]; unsigned char *met; struct space *next; };
static struct space *spaces;

static int compare(const void *a, const void *b) { unsigned long x = *(unsigned long *)a, y = *(unsigned long *)b; return x < y ? -1 : x > y; }

static long find(unsigned long address) {
    unsigned long *at = bsearch(&address, addresses, count, sizeof *addresses, compare);
    return at ? at - addresses : -1;
}

static pid_t group_of(pid_t thread) {
    char path[64], line[256]; pid_t group = thread;
    snprintf(path, sizeof path, "/proc/%d/status", thread);
    FILE *f = fopen(path, "r");
    if (!f) return thread;
    while (fgets(line, sizeof line, f)) if (sscanf(line, "Tgid: %d", &group) == 1) break;
    fclose(f);
    return group;
}

static struct space *space_of(pid_t group) { for (struct space *s = spaces; s; s = s->next) if (s->group == group) return s; return NULL; }

static void begin(pid_t pid) { // after an exec of the program
    char path[64], arguments[4096]; ssize_t n;
    struct space *s = space_of(pid);
    if (!s) { s = calloc(1, sizeof *s); s->next = spaces; spaces = s; s->group = pid; s->met = malloc(count); } else close(s->mem);
    memset(s->met, 0, count);
    snprintf(path, sizeof path, "/proc/%d/mem", pid); s->mem = open(path, O_RDWR | O_CLOEXEC);
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    int f = open(path, O_RDONLY); n = read(f, arguments, sizeof arguments - 1); close(f);
    arguments[n < 0 ? 0 : n] = 0;
    const char *second = arguments + strlen(arguments) + 1;
    snprintf(s->role, sizeof s->role, "%s", n > 0 && second < arguments + n ? second : "-");
    unsigned char page[4096]; unsigned long at = 0; size_t i = 0;
    while (i < count) {
        at = addresses[i] & ~4095UL;
        if (pread(s->mem, page, 4096, at) != 4096) { i++; continue; }
        for (; i < count && (addresses[i] & ~4095UL) == at; i++) { originals[i] = page[addresses[i] & 4095]; page[addresses[i] & 4095] = 0xCC; }
        pwrite(s->mem, page, 4096, at);
    }
}

int main(int argc, char **argv) {
    static char program[PATH_MAX], path[64], exe[PATH_MAX];
    FILE *list = fopen(argv[1], "r"), *out = fopen(argv[2], "w");
    size_t room = 1 << 20; addresses = malloc(room * sizeof *addresses);
    while (count < room && fscanf(list, "%lx", &addresses[count]) == 1) count++;
    qsort(addresses, count, sizeof *addresses, compare);
    originals = malloc(count);
    if (!realpath(argv[3], program) || argc < 4) return 2;
    pid_t first = fork();
    if (!first) { ptrace(PTRACE_TRACEME, 0, 0, 0); execv(program, argv + 3); _exit(127); }
    int started = 0;
    for (;;) {
        int status; pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0) { if (errno == EINTR) continue; break; }
        if (!WIFSTOPPED(status)) continue;
        int sig = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_EXEC || (!started && pid == first)) {
            if (!started) { started = 1; ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC); }
            snprintf(path, sizeof path, "/proc/%d/exe", pid);
            ssize_t n = readlink(path, exe, sizeof exe - 1); exe[n < 0 ? 0 : n] = 0;
            if (strcmp(exe, program)) { ptrace(PTRACE_DETACH, pid, 0, 0); continue; }
            begin(pid);
            ptrace(PTRACE_CONT, pid, 0, 0);
            continue;
        }
        if (event) { ptrace(PTRACE_CONT, pid, 0, 0); continue; }
        if (sig == SIGSTOP) { ptrace(PTRACE_CONT, pid, 0, 0); continue; }
        if (sig == SIGTRAP) {
            struct user_regs_struct r; ptrace(PTRACE_GETREGS, pid, 0, &r);
            long i = find(r.rip - 1);
            if (i >= 0) {
                struct space *s = space_of(group_of(pid));
                if (!s) for (s = spaces; s && s->met[i]; s = s->next) {} // a child that still shares its parent's memory
                if (s && !s->met[i]) { s->met[i] = 1; fprintf(out, "%s %016lx\n", s->role, addresses[i]); }
                snprintf(path, sizeof path, "/proc/%d/mem", pid);
                int mem = open(path, O_RDWR | O_CLOEXEC); pwrite(mem, &originals[i], 1, addresses[i]); close(mem);
                r.rip--; ptrace(PTRACE_SETREGS, pid, 0, &r);
                ptrace(PTRACE_CONT, pid, 0, 0);
                continue;
            }
        }
        ptrace(PTRACE_CONT, pid, 0, sig);
    }
    fclose(out);
    return 0;
}
