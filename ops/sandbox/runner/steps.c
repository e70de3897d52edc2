#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT_BYTES (16u << 20)
#define GRACE_US 500000 // between asking a probed server to stop and killing it
// A program of kind `auto` is stopped once it has rested for so long, having used next to no processor time: one that
// starts a server, tests it and ends says itself how that went, on a slow machine too.
#define REST_US 1200000
#define REST_CPU_US 10000
#define RESTLESS_US 5000000 // and for longer it isn't waited for
#define REST_LOOK_US 100000

// One step while it runs.
struct running {
    const struct request *request;
    struct tally *tally;
    size_t index; // over all batches
    enum kind kind;
    pid_t child;
    struct channels channels;
    struct probe probe;
    bool probing;
    struct exchange exchange;
    int64_t begun_us;
    int64_t ended_us; // when its end was known
    int64_t oom_kills; // of the container before it
    int64_t ask_us;  // when a probed server is looked at, to ask it to stop; 0: not yet
    int64_t probed_us;
    int64_t rest_us; // since when it has rested
    int64_t rest_cpu_us; // used by then
    int64_t stop_us; // when a stopped server is killed; 0: not asked to stop
    bool ended;
    int status;
    int exec_errno;
    size_t report_bytes;
};

static const char *const kind_names[] = {"compile", "run", "auto", "server", "exchange", "tests", "judge", "subject"};

const char *kind_name(enum kind kind) { return kind_names[kind]; }

const char *limit_name(enum limit limit) {
    static const char *const names[] = {"none", "wall", "output"};
    return names[limit];
}

// A step's number as records have it: two bytes.
static void put_number(char *target, size_t index) {
    target[0] = (char)(index >> 8);
    target[1] = (char)index;
}

static int child_signals(void) {
    static int fd = -1;
    if (fd >= 0) return fd;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) refuse("signalfd: %s", strerror(errno));
    return fd;
}

enum pumped { AT_END, NOTHING_NOW, SOMETHING };

// Reads once from a stream of the program: the first bytes are passed on, the rest counted.
static enum pumped pump(struct running *run, int stream) {
    static char bytes[65536 + 3];
    struct tally *tally = run->tally;
    ssize_t got = read(run->channels.output[stream], bytes + 3, sizeof bytes - 3);
    if (got < 0 && errno == EINTR) return SOMETHING;
    if (got < 0) return NOTHING_NOW;
    if (got == 0) return AT_END;
    uint64_t *written = run->kind == COMPILE ? &tally->compile_written[stream] : &tally->written[stream];
    uint64_t left = *written < run->request->kept_bytes ? run->request->kept_bytes - *written : 0;
    uint64_t kept = (uint64_t)got < left ? (uint64_t)got : left;
    *written += (uint64_t)got;
    put_number(bytes, run->index);
    bytes[2] = (char)(stream + 1);
    if (kept > 0) say('O', bytes, kept + 3);
    uint64_t all = tally->written[0] + tally->written[1] + tally->compile_written[0] + tally->compile_written[1];
    if (all > run->request->output_bytes && tally->limit == NO_LIMIT) tally->limit = OUTPUT_LIMIT;
    return SOMETHING;
}

// A message is a line.
static bool receive_report(struct running *run) {
    char message[2 + 4096];
    ssize_t got = recv(run->channels.report, message + 2, sizeof message - 2, 0);
    if (got < 0) return errno == EINTR;
    if (got == 0) return false;
    run->report_bytes += (size_t)got;
    put_number(message, run->index);
    if (run->report_bytes <= REPORT_BYTES) say('R', message, (size_t)got + 2);
    return true;
}

static void reap(struct running *run) {
    struct signalfd_siginfo ignored;
    while (read(child_signals(), &ignored, sizeof ignored) > 0) continue;
    int status;
    struct rusage usage;
    pid_t ended;
    while ((ended = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        count_ended(run->tally, &usage);
        if (ended != run->child) continue;
        run->ended = true;
        run->status = status;
    }
}

static void ask_to_stop(struct running *run, int64_t now) {
    run->probing = false;
    run->ask_us = 0;
    run->stop_us = now + GRACE_US;
    kill(-1, SIGTERM);
}

static void say_probed(const struct running *run) {
    say_text('N', "step %zu\nport %u\nanswer %s\nstatus %d\n", run->index, run->probe.port, run->probe.answer,
             run->probe.status);
}

static void advance_probe(struct running *run, int64_t now) {
    int64_t patience = (int64_t)run->request->probe_ms * 1000;
    probe_advance(&run->probe, now, patience);
    if (run->probe.state == DONE && run->kind == EXCHANGE) {
        run->probing = false;
        say_text('N', "step %zu\nport %u\n", run->index, run->probe.port);
    } else if (run->probe.state == DONE) {
        say_probed(run);
        run->probing = false;
        run->ask_us = run->probed_us = run->rest_us = now;
        run->rest_cpu_us = read_usage().cpu_us;
    } else if (run->probe.state == SEARCHING && now - run->begun_us > patience) {
        if (run->kind != AUTO) ask_to_stop(run, now);
        else run->probing = false;
    }
}

static bool may_stop(struct running *run, int64_t now) {
    int64_t cpu_us = read_usage().cpu_us;
    if (cpu_us - run->rest_cpu_us > REST_CPU_US) {
        run->rest_us = now;
        run->rest_cpu_us = cpu_us;
    }
    return run->kind != AUTO || now - run->rest_us >= REST_US || now - run->probed_us >= RESTLESS_US;
}

static int wait_ms(const struct running *run, int64_t now, int64_t deadline_us) {
    int64_t until = deadline_us;
    if (run->stop_us != 0 && run->stop_us < until) until = run->stop_us;
    if (run->ask_us != 0 && run->ask_us < until) until = run->ask_us;
    if (run->probing && probe_due_us(&run->probe) < until) until = probe_due_us(&run->probe);
    if (run->exchange.fd >= 0 && run->exchange.until_us < until) until = run->exchange.until_us;
    if (sockets_due_us() < until) until = sockets_due_us();
    int64_t left = until > now ? (until - now + 999) / 1000 : 0;
    return left > 60000 ? 60000 : (int)left;
}

static void hear(struct running *run) {
    struct asked asked;
    if (!read_asked(&asked)) return;
    int64_t now = now_us();
    if (asked.type == 'X' && asked.length == 0) {
        exchange_end(&run->exchange);
        if (run->stop_us == 0) ask_to_stop(run, now);
    } else if (asked.type == 'T' && run->kind == EXCHANGE && run->probe.state == DONE) {
        if (run->stop_us == 0) exchange_begin(&run->exchange, &run->probe, &asked, now);
    } else {
        refuse("record %d while a step runs", asked.type);
    }
}

// Goes on until the program itself has ended, or has to be ended. What its children do doesn't count.
static void supervise(struct running *run, int64_t deadline_us) {
    enum { ASKER, SIGNALS, OUT, ERR, REPORT, PROBE, EXCHANGED, COUNT };
    bool open[2] = {true, true}, reporting = run->channels.report >= 0;
    while (!run->ended && run->tally->limit == NO_LIMIT) {
        int64_t now = now_us();
        if (now >= deadline_us) {
            run->tally->limit = WALL_LIMIT;
            return;
        }
        if (run->stop_us != 0 && now >= run->stop_us) return;
        if (run->ask_us != 0 && now >= run->ask_us) {
            run->ask_us = now + REST_LOOK_US;
            if (may_stop(run, now)) ask_to_stop(run, now);
        }
        if (sockets_hold_too_much(now)) {
            run->tally->socket_kills++;
            return;
        }
        struct pollfd polled[COUNT] = {
            // What comes in for a judge or a subject isn't ours; that nobody is there any more is.
            [ASKER] = {.fd = STDIN_FILENO, .events = talks(run->kind) ? 0 : POLLIN},
            [SIGNALS] = {.fd = child_signals(), .events = POLLIN},
            [OUT] = {.fd = open[0] ? run->channels.output[0] : -1, .events = POLLIN},
            [ERR] = {.fd = open[1] ? run->channels.output[1] : -1, .events = POLLIN},
            [REPORT] = {.fd = reporting ? run->channels.report : -1, .events = POLLIN},
            [PROBE] = {.fd = run->probing ? run->probe.fd : -1, .events = probe_events(&run->probe)},
            [EXCHANGED] = {.fd = run->exchange.fd, .events = exchange_events(&run->exchange)},
        };
        if (poll(polled, COUNT, wait_ms(run, now, deadline_us)) < 0 && errno != EINTR) refuse("poll: %s", strerror(errno));
        if (polled[ASKER].revents != 0) {
            if (talks(run->kind)) _exit(3);
            hear(run);
        }
        if (polled[OUT].revents != 0) open[0] = pump(run, 0) != AT_END;
        if (polled[ERR].revents != 0) open[1] = pump(run, 1) != AT_END;
        if (polled[REPORT].revents != 0) reporting = receive_report(run);
        if (polled[SIGNALS].revents != 0) reap(run);
        if (run->probing && !run->ended) advance_probe(run, now_us());
        exchange_advance(&run->exchange, now_us(), run->request->kept_bytes);
    }
}

// No process is left to write, so this is at most what pipes hold. Their end may not come: a descriptor that was sent
// through a socket and never received outlives its sender.
static void drain(struct running *run) {
    for (int stream = 0; stream < 2; stream++) {
        while (pump(run, stream) == SOMETHING) continue;
    }
    while (run->channels.report >= 0 && receive_report(run)) continue;
}

static void read_exec_fault(struct running *run) {
    int error = 0;
    if (read(run->channels.exec_fault, &error, sizeof error) == sizeof error) run->exec_errno = error;
}

static void say_ended(const struct running *run) {
    const char *how = "signal";
    int value = SIGKILL;
    if (run->exec_errno != 0) {
        how = "exec_errno";
        value = run->exec_errno;
    } else if (run->ended && WIFEXITED(run->status)) {
        how = "exit";
        value = WEXITSTATUS(run->status);
    } else if (run->ended) {
        value = WTERMSIG(run->status);
    }
    int64_t kills = read_usage().oom_kills + run->tally->socket_kills - run->oom_kills;
    say_text('S',
             "step %zu\nkind %s\n%s %d\nwall_us %lld\nstopped %d\nlimit %s\ncpu_us %lld\npeak_bytes %lld\n"
             "oom_kills %lld\n",
             run->index, kind_name(run->kind), how, value, (long long)(run->ended_us - run->begun_us), run->stop_us != 0,
             limit_name(run->tally->limit), (long long)run->tally->step_cpu_us,
             (long long)run->tally->step_peak_bytes, (long long)kills);
}

// Runs one step until no process of it is left; says whether the next one may begin.
//
// index: within its batch
bool run_step(const struct request *request, size_t index, int64_t deadline_us, struct tally *tally) {
    const struct step *step = &request->steps[index];
    struct running run = {.request = request, .tally = tally, .index = request->first_step + index, .kind = step->kind, .begun_us = now_us()};
    if (request->step_ms > 0 && run.begun_us + (int64_t)request->step_ms * 1000 < deadline_us)
        deadline_us = run.begun_us + (int64_t)request->step_ms * 1000;
    run.oom_kills = read_usage().oom_kills + tally->socket_kills;
    sockets_begin(run.begun_us);
    tally->step_cpu_us = tally->step_peak_bytes = 0;
    child_signals();
    run.probing = step->kind == AUTO || step->kind == SERVER || step->kind == EXCHANGE;
    probe_begin(&run.probe, step->kind == EXCHANGE, run.begun_us);
    run.exchange = (struct exchange){.fd = -1, .step = run.index};
    run.child = take_prepared(step, request->stdin_fd, &run.channels, tally);
    if (run.child == 0) run.child = start_child(step, request->stdin_fd, NULL, &run.channels);
    supervise(&run, deadline_us);
    run.ended_us = now_us();
    end_all_processes(tally);
    drain(&run);
    read_exec_fault(&run);
    exchange_end(&run.exchange);
    probe_end(&run.probe);
    if (run.probing && run.probe.state == DONE) say_probed(&run);
    close_channels(&run.channels);
    say_ended(&run);
    bool clean = run.ended && WIFEXITED(run.status) && WEXITSTATUS(run.status) == 0 && run.exec_errno == 0;
    return tally->limit == NO_LIMIT && (step->kind != COMPILE || clean);
}
