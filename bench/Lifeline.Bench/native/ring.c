// Shared memory without any library: what the memory allows.
#include "bench.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define SLOTS 8
#define RECORDS 4096
#define TURNS 2000

struct line { _Alignas(64) _Atomic uint32_t value; };
struct mailbox { struct line asked, answered, waiting; _Alignas(64) char request[MESSAGE]; _Alignas(64) char reply[MESSAGE]; };
struct ring { _Alignas(64) _Atomic uint64_t tail; _Alignas(64) _Atomic uint64_t head; _Alignas(64) char records[RECORDS][MESSAGE]; };
struct area { struct line bell, sleeping; struct mailbox boxes[SLOTS]; struct ring rings[SLOTS]; };

static struct area *area;

static void open_area(const char *path, int create) {
  int f = open(path, create ? O_RDWR | O_CREAT | O_EXCL : O_RDWR, 0600);
  if (f < 0) die("open");
  if (create && ftruncate(f, sizeof *area)) die("ftruncate");
  area = mmap(0, sizeof *area, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, f, 0);
  if (area == MAP_FAILED) die("mmap");
  close(f);
  syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0);
}

static void futex_wait(_Atomic uint32_t *word, uint32_t value) {
  struct timespec limit = { 0, 100000000 };
  syscall(SYS_futex, word, FUTEX_WAIT, value, &limit, 0, 0);
}

static void futex_wake(_Atomic uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, 0, 0, 0); }

// Who goes to sleep pays for the fence, so that who publishes need not.
static void other_side_fence(void) { syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0); }

static void ring_bell(void) {
  atomic_signal_fence(memory_order_seq_cst);
  if (atomic_load_explicit(&area->sleeping.value, memory_order_relaxed)) {
    atomic_store(&area->sleeping.value, 0);
    atomic_fetch_add(&area->bell.value, 1);
    futex_wake(&area->bell.value);
  }
}

// One look at everything; how much was found.
static int (*look)(void);

static void *serving(void *argument) {
  for (int idle = 0;;) {
    if (look()) { idle = 0; continue; }
    if (++idle < TURNS) { if (idle % 20 == 0) sched_yield(); else __builtin_ia32_pause(); continue; }
    uint32_t bell = atomic_load(&area->bell.value);
    atomic_store(&area->sleeping.value, 1);
    other_side_fence();
    if (!look()) futex_wait(&area->bell.value, bell);
    atomic_store(&area->sleeping.value, 0);
    idle = 0;
  }
  return argument;
}

static int answer(void) {
  int found = 0;
  for (int i = 0; i < SLOTS; i++) {
    struct mailbox *b = &area->boxes[i];
    uint32_t asked = atomic_load_explicit(&b->asked.value, memory_order_acquire);
    if (asked == atomic_load_explicit(&b->answered.value, memory_order_relaxed)) continue;
    found++;
    memcpy(b->reply, b->request, MESSAGE);
    atomic_store(&b->answered.value, asked);
    if (atomic_load(&b->waiting.value)) futex_wake(&b->answered.value);
  }
  return found;
}

static _Atomic uint64_t last, remaining;
static uint64_t each, seen[SLOTS], sum;

static int drain(void) {
  int found = 0;
  for (int i = 0; i < SLOTS; i++) {
    struct ring *r = &area->rings[i];
    uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed), tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    if (head == tail) continue;
    found += tail - head;
    seen[i] += tail - head;
    for (; head != tail; head++)
      for (int word = 0; word < MESSAGE / 8; word++) sum += ((uint64_t *)r->records[head % RECORDS])[word];
    atomic_store_explicit(&r->head, head, memory_order_release);
    if (seen[i] == each) { seen[i] = 0; if (--remaining == 0) last = now(); }
  }
  return found;
}

static int serve(const char *path, int senders) {
  open_area(path, 1);
  thread(serving, 0);
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

struct caller { int slot; uint64_t until; long pause; struct latencies l; pthread_t t; };

static void ask(struct mailbox *b, char *message) {
  uint32_t number = atomic_load_explicit(&b->asked.value, memory_order_relaxed) + 1;
  memcpy(b->request, message, MESSAGE);
  atomic_store_explicit(&b->asked.value, number, memory_order_release);
  ring_bell();
  for (int idle = 0; atomic_load_explicit(&b->answered.value, memory_order_acquire) != number;) {
    if (++idle < TURNS) { if (idle % 20 == 0) sched_yield(); else __builtin_ia32_pause(); continue; }
    atomic_store(&b->waiting.value, 1);
    if (atomic_load(&b->answered.value) != number) futex_wait(&b->answered.value, number - 1);
    atomic_store(&b->waiting.value, 0);
  }
  memcpy(message, b->reply, MESSAGE);
}

static void *call(void *argument) {
  struct caller *c = argument;
  char message[MESSAGE] = { 1 };
  uint64_t before = now();
  do {
    ask(&area->boxes[c->slot], message);
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
  open_area(path, 0);
  struct caller *c = calloc(callers, sizeof *c);
  say("ready");
  char line[100];
  long ms;
  while (hear(line, sizeof line) && sscanf(line, "go %ld", &ms) == 1) {
    uint64_t used = cpu(), began = now();
    for (int i = 0; i < callers; i++) {
      c[i] = (struct caller){ .slot = i, .pause = pause, .until = began + ms * 1000000 };
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

static int sender(const char *path, int slot) {
  open_area(path, 0);
  struct ring *r = &area->rings[slot];
  say("ready");
  char line[100], message[MESSAGE] = { 1 };
  uint64_t count, head = 0, tail = 0;
  while (hear(line, sizeof line) && sscanf(line, "go %lu", &count) == 1) {
    uint64_t used = cpu(), began = now();
    for (uint64_t i = 0; i < count; i++) {
      for (int turn = 0; tail - head == RECORDS; turn++) {
        head = atomic_load_explicit(&r->head, memory_order_acquire);
        if (tail - head == RECORDS) { if (turn % 20 == 19) sched_yield(); else __builtin_ia32_pause(); }
      }
      *(uint64_t *)message = i;
      memcpy(r->records[tail % RECORDS], message, MESSAGE);
      atomic_store_explicit(&r->tail, ++tail, memory_order_release);
      ring_bell();
    }
    say("done began=%lu cpu=%lu", began, cpu() - used);
  }
  return 0;
}

int main(int n, char **a) {
  start();
  if (n == 3 && !strcmp(a[1], "call-server")) { look = answer; return serve(a[2], 0); }
  if (n == 5 && !strcmp(a[1], "call-client")) return client(a[2], atoi(a[3]), atol(a[4]));
  if (n == 4 && !strcmp(a[1], "report-receiver")) { look = drain; return serve(a[2], atoi(a[3])); }
  if (n == 4 && !strcmp(a[1], "report-sender")) return sender(a[2], atoi(a[3]));
  say("failed no such role");
  return 2;
}
