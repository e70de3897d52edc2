#include "runner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_text(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t length = read(fd, text, size - 1);
    close(fd);
    if (length < 0) return false;
    text[length] = '\0';
    return true;
}

static int64_t number_in(const char *path) {
    char text[64];
    return read_text(path, text, sizeof text) ? strtoll(text, NULL, 10) : -1;
}

// The value behind a name at the start of a line, or -1.
static int64_t field_in(const char *path, const char *name) {
    char text[4096];
    if (!read_text(path, text, sizeof text)) return -1;
    size_t length = strlen(name);
    for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, name, length) == 0 && line[length] == ' ') return strtoll(line + length, NULL, 10);
    }
    return -1;
}

// Control groups of the second version first, then of the first (whose times are in nanoseconds).
struct usage read_usage(void) {
    struct usage usage = {-1, 0, -1, 0};
    if (access("/sys/fs/cgroup/cgroup.controllers", R_OK) == 0) {
        usage.cpu_us = field_in("/sys/fs/cgroup/cpu.stat", "usage_usec");
        usage.throttled_us = field_in("/sys/fs/cgroup/cpu.stat", "throttled_usec");
        usage.peak_bytes = number_in("/sys/fs/cgroup/memory.peak");
        usage.oom_kills = field_in("/sys/fs/cgroup/memory.events", "oom_kill");
    } else {
        int64_t cpu = number_in("/sys/fs/cgroup/cpuacct/cpuacct.usage");
        int64_t throttled = field_in("/sys/fs/cgroup/cpu/cpu.stat", "throttled_time");
        usage.cpu_us = cpu < 0 ? -1 : cpu / 1000;
        usage.throttled_us = throttled < 0 ? 0 : throttled / 1000;
        usage.peak_bytes = number_in("/sys/fs/cgroup/memory/memory.max_usage_in_bytes");
        usage.oom_kills = field_in("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill");
    }
    if (usage.throttled_us < 0) usage.throttled_us = 0;
    if (usage.oom_kills < 0) usage.oom_kills = 0;
    return usage;
}
