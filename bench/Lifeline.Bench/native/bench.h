// What the raw programs have in common: clock, latencies, and the lines that the bench says to its children.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 64

static inline uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000u + (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000u;
}

static inline void die(const char *what) {
  printf("failed %s: %s\n", what, strerror(errno));
  fflush(stdout);
  exit(1);
}

static inline void say(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vprintf(format, list);
  va_end(list);
  putchar('\n');
  fflush(stdout);
}

// The next line from the bench, without its end; 0 when the bench is gone or says stop.
static inline int hear(char *line, int size) {
  if (!fgets(line, size, stdin)) return 0;
  line[strcspn(line, "\n")] = 0;
  return strcmp(line, "stop") != 0;
}

static inline void start(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
}

// 128 steps for each power of two: within 1 %.
struct latencies { uint64_t count; uint32_t of[58 * 128]; };

static inline void record(struct latencies *l, uint64_t ns) {
  int shift = ns < 128 ? 0 : 56 - __builtin_clzll(ns);
  l->of[ns < 128 ? ns : (shift + 1) * 128 + (ns >> shift) - 128]++;
  l->count++;
}

static inline void merge(struct latencies *to, const struct latencies *from) {
  to->count += from->count;
  for (int i = 0; i < 58 * 128; i++) to->of[i] += from->of[i];
}

static inline double percentile(const struct latencies *l, double share) {
  uint64_t left = (uint64_t)((double)l->count * share);
  for (int i = 0; i < 58 * 128; i++) {
    if (left < l->of[i]) {
      if (i < 128) return i;
      return ((double)(i % 128) + 128.5) * (double)(1ull << (i / 128 - 1));
    }
    left -= l->of[i];
  }
  return 0;
}

static inline int uds(const char *path, int listening) {
  struct sockaddr_un a = { .sun_family = AF_UNIX };
  strncpy(a.sun_path, path, sizeof a.sun_path - 1);
  int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (s < 0) die("socket");
  if (listening) {
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 4096) < 0) die("listen");
  } else if (connect(s, (struct sockaddr *)&a, sizeof a) < 0) die("connect");
  return s;
}

static inline void thread(void *(*run)(void *), void *argument) {
  pthread_t t;
  if (pthread_create(&t, 0, run, argument)) die("pthread_create");
  pthread_detach(t);
}
