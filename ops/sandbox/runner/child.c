#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT_FD 3
#define HEAR_FD 4 // the container's own input
#define SAY_FD 5  // and its error output
#define ORDERS_FD 6 // of a program that was started before it is known what it is asked
#define FAULT_FD 7

// All a program gets. Nothing of the container's own environment is handed on.
static char *const environment[] = {
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "HOME=/tmp",
    "TMPDIR=/tmp",
    "USER=sandbox",
    "LOGNAME=sandbox",
    "SHELL=/bin/bash",
    "LANG=C.UTF-8",
    "PYTHONUNBUFFERED=1", // what was printed before a kill is worth more than the system calls saved
    "PYTHONDONTWRITEBYTECODE=1",
    "OPENBLAS_NUM_THREADS=1",
    "OMP_NUM_THREADS=1",
    NULL,
};

static void write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t written = write(fd, text, strlen(text));
    (void)written;
    close(fd);
}

// A judge and its subject have the container's own input and error output as their channel: each process in between
// would cost every call between them twice two changes of context.
bool talks(enum kind kind) { return kind == JUDGE || kind == SUBJECT; }

static void become(const struct step *step, int stdin_fd, int out, int err, int report, int orders, int fault) {
    // Copies above the places they go to, so that no dup2 overwrites one still needed.
    int in = stdin_fd >= 0 ? fcntl(stdin_fd, F_DUPFD, 64) : open("/dev/null", O_RDONLY);
    out = fcntl(out, F_DUPFD, 64);
    err = fcntl(err, F_DUPFD, 64);
    fault = fcntl(fault, F_DUPFD_CLOEXEC, 64);
    if (report >= 0) report = fcntl(report, F_DUPFD, 64);
    int hear = talks(step->kind) ? fcntl(STDIN_FILENO, F_DUPFD, 64) : -1;
    int tell = talks(step->kind) ? fcntl(STDERR_FILENO, F_DUPFD, 64) : -1;
    if (orders >= 0) orders = fcntl(orders, F_DUPFD, 64);
    if (stdin_fd >= 0) lseek(in, 0, SEEK_SET);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (report >= 0) dup2(report, REPORT_FD);
    if (hear >= 0) dup2(hear, HEAR_FD);
    if (tell >= 0) dup2(tell, SAY_FD);
    if (orders >= 0) dup2(orders, ORDERS_FD);
    dup2(fault, FAULT_FD);
    fcntl(FAULT_FD, F_SETFD, FD_CLOEXEC);
    if (report < 0) close(REPORT_FD);
    if (hear < 0) close(HEAR_FD);
    if (tell < 0) close(SAY_FD);
    if (orders < 0) close(ORDERS_FD);
    // From here on no descriptor of the runner is open, so being dumpable gives nothing away. It has to be, or
    // /proc/self belongs to root.
    if (syscall(SYS_close_range, FAULT_FD + 1, ~0u, 0) != 0) {
        for (int fd = FAULT_FD + 1; fd < 1024; fd++) close(fd); // not every runtime has close_range
    }
    prctl(PR_SET_DUMPABLE, 1);
    write_text("/proc/self/oom_score_adj", "1000");
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    setsid();
    signal(SIGPIPE, SIG_DFL); // being ignored would be inherited
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int error = chdir(WORKSPACE) == 0 ? 0 : errno;
    if (error == 0) {
        execvpe(step->argv[0], step->argv, environment);
        error = errno;
    }
    ssize_t written = write(FAULT_FD, &error, sizeof error);
    (void)written;
    _exit(127);
}

static void pipe_or_refuse(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) refuse("making a pipe: %s", strerror(errno));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static bool reports(enum kind kind) { return kind == TESTS || kind == JUDGE; }

// Our end doesn't block.
static void report_or_refuse(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) refuse("making a report channel: %s", strerror(errno));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

// Starts a step's program in a session of its own.
//
// orders: gets our end of a pipe to it; NULL: it needs none
pid_t start_child(const struct step *step, int stdin_fd, int *orders, struct channels *channels) {
    int out[2], err[2], fault[2], report[2] = {-1, -1}, order[2] = {-1, -1};
    pipe_or_refuse(out);
    pipe_or_refuse(err);
    pipe_or_refuse(fault);
    if (reports(step->kind)) report_or_refuse(report);
    if (orders != NULL && pipe2(order, O_CLOEXEC) != 0) refuse("making a pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child < 0) refuse("starting a process: %s", strerror(errno));
    if (child == 0) become(step, stdin_fd, out[1], err[1], report[1], order[0], fault[1]);
    close(out[1]);
    close(err[1]);
    close(fault[1]);
    if (report[1] >= 0) close(report[1]);
    if (orders != NULL) {
        close(order[0]);
        *orders = order[1];
    }
    *channels = (struct channels){.output = {out[0], err[0]}, .report = report[0], .exec_fault = fault[0]};
    return child;
}

void close_channels(const struct channels *channels) {
    close(channels->output[0]);
    close(channels->output[1]);
    close(channels->exec_fault);
    if (channels->report >= 0) close(channels->report);
}

void count_ended(struct tally *tally, const struct rusage *usage) {
    int64_t peak = (int64_t)usage->ru_maxrss * 1024;
    if (peak > tally->peak_child_bytes) tally->peak_child_bytes = peak;
    if (peak > tally->step_peak_bytes) tally->step_peak_bytes = peak;
    tally->step_cpu_us += (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 + usage->ru_utime.tv_usec +
                          usage->ru_stime.tv_usec;
}

// As the first process we are asked to reap every orphan, so when there is no child left there is no process left.
void end_all_processes(struct tally *tally) {
    while (true) {
        kill(-1, SIGKILL);
        struct rusage usage;
        pid_t ended = wait4(-1, NULL, 0, &usage);
        if (ended < 0 && errno == ECHILD) return;
        if (ended > 0) count_ended(tally, &usage);
    }
}
