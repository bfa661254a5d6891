// Waits for the end of a process on a pidfd and says when it woke.
#include "bench.h"
#include <poll.h>
#include <sys/syscall.h>

int main(int n, char **a) {
  start();
  if (n < 2 || strcmp(a[1], "death-watcher")) { say("failed no such role"); return 2; }
  say("ready");
  char line[100];
  int pid;
  while (hear(line, sizeof line) && sscanf(line, "watch %d", &pid) == 1) {
    struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
    if (p.fd < 0) die("pidfd_open");
    say("done");
    if (poll(&p, 1, 20000) != 1) { say("failed nobody died"); return 1; }
    uint64_t at = now();
    close(p.fd);
    if (!hear(line, sizeof line)) break;
    say("done at=%lu", at);
  }
  return 0;
}
