#include "runner.h"

#include <stdio.h>
#include <string.h>

// What lies in sockets in the kernel isn't the container's memory: with control groups of the first version neither that
// of TCP nor of UDP, with none that of netlink. And the sockets that 128 processes may open could hold gigabytes. So they
// are counted, and have to fit in the container's memory if all of them were full. What really lies in them was looked at
// too, and rejected: while the kernel went over its tables for that (0.3 to 5 s among a hundred busy processes), four
// times as much came together.

#define PAUSE_US 20000 // a look costs 30 us of processor

// Most that one can hold. Of a socket for datagrams its default and what is being put together; of a connection's end
// what the sysctls of its container say.
static const struct {
    const char *name;
    int64_t bytes;
    bool counted_by_v2;
} protocols[] = {
    {"TCP", 128 << 10, true}, {"TCPv6", 128 << 10, true}, {"UDP", 272 << 10, true},
    {"UDPv6", 272 << 10, true}, {"NETLINK", 208 << 10, false},
};

static int64_t limit; // 0: not known
static bool is_v1;
static int64_t due_us;

static void find_limit(void) {
    long long bytes = 0;
    FILE *file = fopen("/sys/fs/cgroup/memory/memory.limit_in_bytes", "re");
    is_v1 = file != NULL;
    if (!is_v1) file = fopen("/sys/fs/cgroup/memory.max", "re");
    if (file == NULL) return;
    if (fscanf(file, "%lld", &bytes) == 1) limit = bytes;
    fclose(file);
}

// Lines are "UDP 1536 3 0 …": name, size of one, how many of this network namespace.
static int64_t most_held(void) {
    FILE *file = fopen("/proc/net/protocols", "re");
    if (file == NULL) return 0;
    int64_t most = 0;
    char line[256], name[32];
    long long count;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%31s %*d %lld", name, &count) != 2) continue;
        for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
            if ((is_v1 || !protocols[i].counted_by_v2) && strcmp(name, protocols[i].name) == 0)
                most += count * protocols[i].bytes;
        }
    }
    fclose(file);
    return most;
}

int64_t sockets_due_us(void) { return limit == 0 ? INT64_MAX : due_us; }

void sockets_begin(int64_t now) {
    if (limit == 0) find_limit();
    due_us = now + PAUSE_US;
}

// Looks if it is due.
bool sockets_hold_too_much(int64_t now) {
    if (limit == 0 || now < due_us) return false;
    due_us = now + PAUSE_US;
    return most_held() > limit;
}
