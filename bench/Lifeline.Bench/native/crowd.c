// Many sockets into one server with epoll, and a load that sends one message a second on each.
#include "bench.h"
#include <sys/epoll.h>
#include <sys/timerfd.h>

#define EVENTS 256

static struct latencies seen;
static _Atomic int measuring;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *serving(void *argument) {
  int listener = *(int *)argument, poll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event e = { .events = EPOLLIN, .data.fd = listener }, ready[EVENTS];
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &e);
  for (;;) {
    int n = epoll_wait(poll, ready, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      if (ready[i].data.fd == listener) {
        struct epoll_event c = { .events = EPOLLIN, .data.fd = accept(listener, 0, 0) };
        if (c.data.fd < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, c.data.fd, &c)) die("accept");
        continue;
      }
      uint64_t message[MESSAGE / 8];
      ssize_t r = read(ready[i].data.fd, message, MESSAGE);
      if (r <= 0) { close(ready[i].data.fd); continue; }
      if (measuring) {
        pthread_mutex_lock(&gate);
        record(&seen, now() - message[0]);
        pthread_mutex_unlock(&gate);
      }
    }
  }
  return 0;
}

static long pss(void) {
  FILE *f = fopen("/proc/self/smaps_rollup", "r");
  char line[200];
  long kib = 0;
  while (f && fgets(line, sizeof line, f)) if (sscanf(line, "Pss: %ld", &kib) == 1) break;
  if (f) fclose(f);
  return kib * 1024;
}

static int server(const char *path) {
  int listener = uds(path, 1);
  thread(serving, &listener);
  say("ready");
  char line[100];
  uint64_t began = 0, used = 0;
  while (hear(line, sizeof line)) {
    if (!strcmp(line, "begin")) {
      pthread_mutex_lock(&gate);
      memset(&seen, 0, sizeof seen);
      pthread_mutex_unlock(&gate);
      measuring = 1;
      began = now();
      used = cpu();
      say("done");
    } else if (!strcmp(line, "end")) {
      uint64_t took = now() - began, spent = cpu() - used;
      measuring = 0;
      pthread_mutex_lock(&gate);
      say("done messages=%lu ns=%lu cpu=%lu p50=%.0f p99=%.0f p999=%.0f", seen.count, took, spent,
          percentile(&seen, .5), percentile(&seen, .99), percentile(&seen, .999));
      pthread_mutex_unlock(&gate);
    } else if (!strcmp(line, "pss")) say("done pss=%ld", pss());
    else say("done cpu=%lu", cpu());
  }
  return 0;
}

static int *sockets, count;
static _Atomic int sending;

static void *pacing(void *argument) {
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  uint64_t step = 1000000000u / count, due = now(), fired, message[MESSAGE / 8] = { 0 };
  for (int next = 0; sending;) {
    for (uint64_t at = now(); due <= at; due += step, next = (next + 1) % count) {
      message[0] = now();
      if (write(sockets[next], message, MESSAGE) != MESSAGE) die("write");
    }
    struct itimerspec t = { .it_value = { due / 1000000000u, due % 1000000000u } };
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &t, 0);
    if (read(timer, &fired, sizeof fired) < 0) die("timer");
  }
  return argument;
}

static int load(const char *path) {
  say("ready");
  char line[100];
  int wanted;
  while (hear(line, sizeof line)) {
    if (sscanf(line, "open %d", &wanted) == 1) {
      sockets = realloc(sockets, sizeof *sockets * wanted);
      while (count < wanted) sockets[count++] = uds(path, 0);
      say("done");
    } else if (!strcmp(line, "start")) {
      sending = 1;
      thread(pacing, 0);
      say("done");
    } else if (!strcmp(line, "pss")) say("done pss=%ld", pss());
    else say("done cpu=%lu", cpu());
  }
  return 0;
}

int main(int n, char **a) {
  start();
  struct rlimit l;
  getrlimit(RLIMIT_NOFILE, &l);
  l.rlim_cur = l.rlim_max;
  setrlimit(RLIMIT_NOFILE, &l);
  if (n == 3 && !strcmp(a[1], "sessions-server")) return server(a[2]);
  if (n == 3 && !strcmp(a[1], "sessions-load")) return load(a[2]);
  say("failed no such role");
  return 2;
}
