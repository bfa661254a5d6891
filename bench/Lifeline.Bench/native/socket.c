// The raw Unix socket: a thread for each connection, one message a system call.
#include "bench.h"

static int readall(int s, void *to, int n) {
  for (int got = 0; got < n;) {
    ssize_t r = read(s, (char *)to + got, n - got);
    if (r <= 0) return 0;
    got += r;
  }
  return 1;
}

static void *echo(void *argument) {
  int s = (int)(intptr_t)argument;
  char message[MESSAGE];
  while (readall(s, message, MESSAGE) && write(s, message, MESSAGE) == MESSAGE) { }
  close(s);
  return 0;
}

static void *take(void *argument) {
  int s = (int)(intptr_t)argument;
  uint64_t size, sum;
  char *room = 0;
  while (readall(s, &size, sizeof size)) {
    room = realloc(room, size);
    if (!readall(s, room, (int)size)) break;
    sum = 0;
    for (uint64_t i = 0; i < size / 8; i++) sum += ((uint64_t *)room)[i];
    if (write(s, &sum, sizeof sum) != sizeof sum) break;
  }
  free(room);
  close(s);
  return 0;
}

static _Atomic uint64_t last, remaining;
static uint64_t each;

static void *receive(void *argument) {
  int s = (int)(intptr_t)argument;
  static const int room = 64 << 10;
  char *buffer = malloc(room);
  uint64_t seen = 0, sum = 0;
  ssize_t held = 0, r;
  while ((r = read(s, buffer + held, room - held)) > 0) {
    held += r;
    ssize_t used = 0;
    for (; held - used >= MESSAGE; used += MESSAGE) {
      sum += *(uint64_t *)(buffer + used);
      seen++;
    }
    memmove(buffer, buffer + used, held - used);
    held -= used;
    if (seen && seen == each) {
      seen = 0;
      if (atomic_fetch_sub(&remaining, 1) == 1) last = now();
    }
  }
  return (void *)sum;
}

static void *(*served)(void *);

static void *accepting(void *argument) {
  for (;;) {
    int c = accept(*(int *)argument, 0, 0);
    if (c < 0) die("accept");
    thread(served, (void *)(intptr_t)c);
  }
  return 0;
}

static int serve(const char *path, int senders) {
  int listener = uds(path, 1);
  thread(accepting, &listener);
  say("ready");
  char line[100];
  uint64_t before = 0;
  while (hear(line, sizeof line)) {
    if (sscanf(line, "expect %lu", &each) == 1) {
      last = 0;
      remaining = senders;
      before = cpu();
      say("done");
    } else if (!strcmp(line, "wait")) {
      for (int i = 0; !last && i < 600000; i++) usleep(100);
      if (!last) say("failed not everything came");
      else say("done messages=%lu last=%lu cpu=%lu", each * senders, last, cpu() - before);
    } else say("done cpu=%lu", cpu());
  }
  return 0;
}

struct caller { int s; uint64_t until; long pause; struct latencies l; pthread_t t; };

static void *call(void *argument) {
  struct caller *c = argument;
  char message[MESSAGE] = { 1 };
  uint64_t before = now();
  do {
    if (write(c->s, message, MESSAGE) != MESSAGE || !readall(c->s, message, MESSAGE)) die("call");
    uint64_t after = now();
    record(&c->l, after - before);
    if (c->pause) {
      struct timespec t = { 0, c->pause * 1000 };
      nanosleep(&t, 0);
      after = now();
    }
    before = after;
  } while (before < c->until);
  return 0;
}

static int client(const char *path, int callers, long pause) {
  struct caller *c = calloc(callers, sizeof *c);
  for (int i = 0; i < callers; i++) { c[i].s = uds(path, 0); c[i].pause = pause; }
  say("ready");
  char line[100];
  long ms;
  while (hear(line, sizeof line) && sscanf(line, "go %ld", &ms) == 1) {
    uint64_t used = cpu(), began = now();
    for (int i = 0; i < callers; i++) {
      memset(&c[i].l, 0, sizeof c[i].l);
      c[i].until = began + ms * 1000000;
      pthread_create(&c[i].t, 0, call, &c[i]);
    }
    static struct latencies all;
    memset(&all, 0, sizeof all);
    for (int i = 0; i < callers; i++) { pthread_join(c[i].t, 0); merge(&all, &c[i].l); }
    say("done messages=%lu ns=%lu cpu=%lu p50=%.0f p99=%.0f p999=%.0f", all.count, now() - began, cpu() - used,
        percentile(&all, .5), percentile(&all, .99), percentile(&all, .999));
  }
  return 0;
}

static int payloads(const char *path) {
  int s = uds(path, 0);
  static struct latencies all;
  say("ready");
  char line[100];
  long ms;
  uint64_t size;
  while (hear(line, sizeof line) && sscanf(line, "go %ld %lu", &ms, &size) == 2) {
    char *payload = malloc(size);
    memset(payload, 1, size);
    memset(&all, 0, sizeof all);
    uint64_t used = cpu(), began = now(), before = began, sum;
    do {
      if (write(s, &size, sizeof size) != sizeof size) die("write");
      for (uint64_t sent = 0; sent < size;) {
        ssize_t w = write(s, payload + sent, size - sent);
        if (w <= 0) die("write");
        sent += w;
      }
      if (!readall(s, &sum, sizeof sum)) die("read");
      uint64_t after = now();
      record(&all, after - before);
      before = after;
    } while (before < began + ms * 1000000);
    say("done messages=%lu ns=%lu cpu=%lu p50=%.0f p99=%.0f p999=%.0f", all.count, before - began, cpu() - used,
        percentile(&all, .5), percentile(&all, .99), percentile(&all, .999));
    free(payload);
  }
  return 0;
}

static int sender(const char *path) {
  int s = uds(path, 0);
  say("ready");
  char line[100], message[MESSAGE] = { 1 };
  uint64_t count;
  while (hear(line, sizeof line) && sscanf(line, "go %lu", &count) == 1) {
    uint64_t used = cpu(), began = now();
    for (uint64_t i = 0; i < count; i++) {
      *(uint64_t *)message = i;
      if (write(s, message, MESSAGE) != MESSAGE) die("write");
    }
    say("done began=%lu cpu=%lu", began, cpu() - used);
  }
  return 0;
}

int main(int n, char **a) {
  start();
  if (n == 3 && !strcmp(a[1], "call-server")) { served = echo; return serve(a[2], 0); }
  if (n == 3 && !strcmp(a[1], "large-server")) { served = take; return serve(a[2], 0); }
  if (n == 3 && !strcmp(a[1], "large-client")) return payloads(a[2]);
  if (n == 5 && !strcmp(a[1], "call-client")) return client(a[2], atoi(a[3]), atol(a[4]));
  if (n == 4 && !strcmp(a[1], "report-receiver")) { served = receive; return serve(a[2], atoi(a[3])); }
  if (n == 4 && !strcmp(a[1], "report-sender")) return sender(a[2]);
  say("failed no such role");
  return 2;
}
