#include "runner.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LATER "--later"
// Less than a pipe holds, so that writing it never waits for the program.
#define MAX_ORDER_BYTES 32768

// The program of a step that isn't known yet: it has loaded what it needs, and waits for the rest of its arguments.
static struct {
    struct step step;
    pid_t child; // 0: none
    struct channels channels;
    int orders;
} prepared = {.orders = -1};

// Starts it. There is no byte of the tested program in the container yet that could do something to it.
void prepare(const struct step *step) {
    if (prepared.child != 0) refuse("prepared twice");
    size_t count = 0;
    while (step->argv[count] != NULL) count++;
    char **argv = calloc(count + 2, sizeof *argv);
    if (argv == NULL) refuse("no memory for a step");
    memcpy(argv, step->argv, count * sizeof *argv);
    argv[count] = LATER;
    struct step waiting = {.kind = step->kind, .argv = argv};
    prepared.step = *step;
    prepared.child = start_child(&waiting, -1, &prepared.orders, &prepared.channels);
    free(argv);
}

static void forget(void) {
    free(prepared.step.copy);
    free(prepared.step.argv);
    close(prepared.orders);
    prepared.child = 0;
}

static void end_prepared(void) {
    kill(prepared.child, SIGKILL);
    while (waitpid(prepared.child, NULL, 0) != prepared.child) continue;
    close_channels(&prepared.channels);
    forget();
}

// The arguments that follow those it was started with, or NULL if it was started for something else.
static char **rest_for(const struct step *step) {
    if (step->kind != prepared.step.kind) return NULL;
    char **rest = step->argv;
    for (char **given = prepared.step.argv; *given != NULL; given++, rest++) {
        if (*rest == NULL || strcmp(*given, *rest) != 0) return NULL;
    }
    return rest;
}

// Four bytes of length, then the arguments, each ended by a NUL.
static bool order(char **rest) {
    unsigned char bytes[MAX_ORDER_BYTES];
    size_t length = 4;
    for (; *rest != NULL; rest++) {
        size_t size = strlen(*rest) + 1;
        if (size > sizeof bytes - length) return false;
        memcpy(bytes + length, *rest, size);
        length += size;
    }
    bytes[0] = bytes[1] = 0;
    bytes[2] = (unsigned char)((length - 4) >> 8);
    bytes[3] = (unsigned char)(length - 4);
    return write(prepared.orders, bytes, length) == (ssize_t)length;
}

static int64_t cpu_us(pid_t process) {
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

// Makes it the step's program; what it took to get ready is not the step's. If it doesn't fit, or is gone, it is ended:
// no other program may find it there.
//
// Returns its process, or 0: the step's program has to be started.
pid_t take_prepared(const struct step *step, int stdin_fd, struct channels *channels, struct tally *tally) {
    if (prepared.child == 0) return 0;
    char **rest = stdin_fd < 0 ? rest_for(step) : NULL;
    int64_t before = cpu_us(prepared.child);
    if (rest == NULL || !order(rest)) {
        end_prepared();
        return 0;
    }
    pid_t child = prepared.child;
    *channels = prepared.channels;
    tally->step_cpu_us -= before;
    forget();
    return child;
}
