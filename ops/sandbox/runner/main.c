#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *const limit_names[] = {"none", "wall", "output"};

static void say_end(const struct tally *tally, const struct usage *before, int64_t begun_us) {
    struct usage after = read_usage();
    int64_t peak = after.peak_bytes >= 0 ? after.peak_bytes : tally->peak_child_bytes;
    say_text('E',
             "limit %s\nwall_us %lld\ncpu_us %lld\nthrottled_us %lld\npeak_bytes %lld\noom_kills %lld\n"
             "stdout_bytes %llu\nstderr_bytes %llu\n",
             limit_names[tally->limit], (long long)(now_us() - begun_us), (long long)(after.cpu_us - before->cpu_us),
             (long long)(after.throttled_us - before->throttled_us), (long long)peak,
             (long long)(after.oom_kills - before->oom_kills), (unsigned long long)tally->written[0],
             (unsigned long long)tally->written[1]);
}

int main(void) {
    // Before anything else: from here on no process of the same user can look into this one.
    if (prctl(PR_SET_DUMPABLE, 0) != 0) return 2;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // Killing "every process" is only right as the first one of a container.
    if (getpid() != 1 || getuid() == 0) {
        fputs("atomic-runner: runs as the first process of a container, not as root\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    static struct request request;
    say_text('H', "atomic-runner 1");
    read_request(&request);
    struct usage before = read_usage();
    struct tally tally = {.limit = NO_LIMIT};
    int64_t begun_us = now_us();
    int64_t deadline_us = begun_us + (int64_t)request.wall_ms * 1000;
    for (size_t i = 0; i < request.step_count; i++) {
        if (!run_step(&request, i, deadline_us, &tally)) break;
    }
    say_end(&tally, &before, begun_us);
    give_back_files(&request);
    say('Z', NULL, 0);
    return 0;
}
