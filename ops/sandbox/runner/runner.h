// The first process of a sandbox container. PROTOCOL.md says what it reads and writes.
//
// It runs with the program's own user id, because a container without capabilities can't change it. What keeps the two
// apart: the runner isn't dumpable (no /proc/1/fd, no /proc/1/mem, no ptrace), the kernel drops signals to a first
// process that has no handler for them, and no descriptor of the runner outlives an exec.
#ifndef ATOMIC_RUNNER_H
#define ATOMIC_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>

#define WORKSPACE "/workspace"
#define PROGRAM "/tmp/program" // where the compilers put theirs
#define MAX_PATH_BYTES 512
#define MAX_PATH_DEPTH 16
#define MAX_SEEN_PATH (MAX_PATH_BYTES + 1 + 255 + 1) // of what lies in a folder that may be entered, a slash behind it
#define MAX_FILES 200
#define MAX_FILE_BYTES (1u << 20)
#define MAX_FILES_BYTES (8u << 20)
#define MAX_RECORD_BYTES (4u << 20)
#define MAX_STEPS 250
#define MAX_ARGUMENTS 1024
#define MAX_PATTERNS 64

enum kind { COMPILE, RUN, AUTO, SERVER, EXCHANGE, TESTS, JUDGE, SUBJECT };
enum limit { NO_LIMIT, WALL_LIMIT, OUTPUT_LIMIT };

struct step {
    enum kind kind;
    char **argv;
    char *copy; // what argv points into
};

// What is asked at once: all of a run, or one batch of it.
struct request {
    uint64_t wall_ms; // of the whole run
    uint64_t step_ms; // of each step; 0: no limit of its own
    uint64_t more;    // whether another batch follows
    uint64_t kept_bytes;
    uint64_t output_bytes;
    uint64_t probe_ms;
    struct step steps[MAX_STEPS];
    size_t step_count;
    size_t first_step; // steps are counted over all batches
    char *patterns[MAX_PATTERNS];
    size_t pattern_count;
    int stdin_fd; // a sealed file in memory, or -1
};

// What a batch has written so far, and why it was ended.
struct tally {
    uint64_t written[2];
    uint64_t compile_written[2];
    enum limit limit;
    int64_t peak_child_bytes; // of the run's processes
    int64_t step_cpu_us;      // of the step's processes, so far as they have ended
    int64_t step_peak_bytes;  // of the largest of them
    int64_t socket_kills;     // how often a step was ended for what its sockets held
};

// records.c: the only place that writes to the container's output.
void say(char type, const void *payload, size_t length);
void say_text(char type, const char *format, ...) __attribute__((format(printf, 2, 3)));
void say_bytes(char type, const void *head, size_t head_length, const void *body, size_t body_length);
void refuse(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
int64_t now_us(void);

// request.c
void read_request(struct request *request);
void read_batch(struct request *request);
void write_file(char *payload, size_t length, bool replace);

// asker.c: what the request's sender says while a step runs.
struct asked {
    char type;
    const char *payload; // until the next is read
    size_t length;
};
bool read_asked(struct asked *asked);

// reset.c
void keep_file(const char *payload, size_t length);
void keep_program(void);
void set_back(void);

// paths.c
const char *path_fault(const char *path, size_t length);
bool glob_matches(const char *pattern, const char *path);
bool glob_enters(const char *pattern, const char *folder);

// steps.c
const char *kind_name(enum kind kind);
const char *limit_name(enum limit limit);
bool run_step(const struct request *request, size_t index, int64_t deadline_us, struct tally *tally);

// child.c
struct channels {
    int output[2]; // our ends of the program's standard output and error
    int report;    // our end of the report channel, or -1
    int exec_fault;
};
bool talks(enum kind kind);
pid_t start_child(const struct step *step, int stdin_fd, int *orders, struct channels *channels);
void close_channels(const struct channels *channels);
void end_all_processes(struct tally *tally);
void count_ended(struct tally *tally, const struct rusage *usage);

// prepared.c: a program that was started before its step is known.
void prepare(const struct step *step);
pid_t take_prepared(const struct step *step, int stdin_fd, struct channels *channels, struct tally *tally);

// probe.c: finds a listener in this network namespace and asks it for /.
struct probe {
    enum { SEARCHING, CONNECTING, ASKED, DRAINING, DONE } state;
    bool only_finds; // done when it is connected to one
    struct sockaddr_storage address; // the listener's
    socklen_t address_length;
    int fd;
    uint16_t port;
    int status;
    const char *answer; // http, malformed, other, closed, silent
    int64_t begun_us;
    int64_t until_us;     // the next look, or how long there is patience
    int64_t answer_by_us; // how long there is patience with who has said that an answer follows
    bool interim;         // an interim answer has come
    bool skipping;        // the rest of one's head
    bool line_is_empty;   // the line of it that is being read, so far
    char head[13];        // of the first line: up to the status and what ends it
    size_t head_length;
};
void probe_begin(struct probe *probe, bool only_finds, int64_t now);
short probe_events(const struct probe *probe);
int64_t probe_due_us(const struct probe *probe);
void probe_advance(struct probe *probe, int64_t now, int64_t patience_us);
void probe_end(struct probe *probe);

// exchange.c: carries one request to the program's server, and what it answers.
struct exchange {
    int fd; // -1: none under way
    size_t step;
    char *request;
    size_t length, sent;
    uint64_t passed;
    int64_t until_us;
};
void exchange_begin(struct exchange *exchange, struct probe *probe, const struct asked *asked, int64_t now);
short exchange_events(const struct exchange *exchange);
void exchange_advance(struct exchange *exchange, int64_t now, uint64_t kept_bytes);
void exchange_end(struct exchange *exchange);

// sockets.c: what connections hold in the kernel and the control group doesn't count.
void sockets_begin(int64_t now);
int64_t sockets_due_us(void);
bool sockets_hold_too_much(int64_t now);

// usage.c: what the container's control group has counted.
struct usage {
    int64_t cpu_us;
    int64_t throttled_us;
    int64_t peak_bytes; // -1: not known
    int64_t oom_kills;
};
struct usage read_usage(void);

// collect.c
void give_back_files(const struct request *request);

#endif
