#include "runner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

// What the first batch put into the workspace, to be put there again. In the runner's own memory, which no program can
// reach.
struct kept_file {
    char *payload; // as the record had it
    size_t length;
};

static struct kept_file kept[MAX_FILES];
static size_t kept_count;
static int program_fd = -1; // a sealed copy of what the compiler made, or -1

void keep_file(const char *payload, size_t length) {
    if (kept_count == MAX_FILES) refuse("more than %d files", MAX_FILES);
    char *copy = malloc(length + 1);
    if (copy == NULL) refuse("no memory for a file");
    memcpy(copy, payload, length);
    kept[kept_count++] = (struct kept_file){copy, length};
}

static void copy_whole(int from, int to, off_t size, const char *what) {
    off_t at = 0;
    while (at < size) {
        ssize_t copied = sendfile(to, from, &at, (size_t)(size - at));
        if (copied < 0 && errno == EINTR) continue;
        if (copied <= 0) refuse("copying %s: %s", what, copied < 0 ? strerror(errno) : "it ended early");
    }
}

// Takes a copy of the compiled program before anything but the compiler has run.
void keep_program(void) {
    int from = open(PROGRAM, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from < 0) return;
    struct stat facts;
    if (fstat(from, &facts) != 0 || !S_ISREG(facts.st_mode)) refuse("what was compiled is no file");
    program_fd = memfd_create("program", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (program_fd < 0) refuse("keeping the program: %s", strerror(errno));
    copy_whole(from, program_fd, facts.st_size, "the program");
    if (fcntl(program_fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        refuse("sealing the program: %s", strerror(errno));
    close(from);
}

static void restore_program(void) {
    if (program_fd < 0) return;
    struct stat facts;
    if (fstat(program_fd, &facts) != 0) refuse("the program's copy: %s", strerror(errno));
    int to = open(PROGRAM, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0755);
    if (to < 0) refuse("creating %s: %s", PROGRAM, strerror(errno));
    copy_whole(program_fd, to, facts.st_size, "the program back");
    close(to);
}

static bool is_directory(int parent, const char *name) {
    struct stat facts;
    return fstatat(parent, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(facts.st_mode);
}

// Moves a directory to the top, so that a chain of any depth needs no path longer than a name and no further descriptor.
static void lift(int parent, const char *name, int top) {
    static unsigned counter;
    if (fchmodat(parent, name, 0700, 0) != 0) refuse("setting back: changing a mode: %s", strerror(errno));
    char fresh[32];
    do {
        snprintf(fresh, sizeof fresh, "~%u", counter++);
    } while (faccessat(top, fresh, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
    if (renameat(parent, name, top, fresh) != 0) refuse("setting back: moving a directory: %s", strerror(errno));
}

// Takes out of a directory all that isn't a directory with something in it; those go to the top.
static void empty_into(int top, int parent, const char *name) {
    if (fchmodat(parent, name, 0700, 0) != 0) refuse("setting back: changing a mode: %s", strerror(errno));
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (directory == NULL) refuse("setting back: opening a directory: %s", strerror(errno));
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (!is_directory(fd, entry->d_name)) {
            if (unlinkat(fd, entry->d_name, 0) != 0) refuse("setting back: removing a file: %s", strerror(errno));
        } else if (unlinkat(fd, entry->d_name, AT_REMOVEDIR) != 0) {
            lift(fd, entry->d_name, top);
        }
    }
    closedir(directory);
}

// Nothing runs any more that could put something there meanwhile. A pass takes one level away from each chain.
static void empty(const char *path) {
    chmod(path, 0755); // its owner may have taken that away; where it isn't ours the modes can't have changed
    for (bool found = true; found;) {
        found = false;
        int top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *directory = top >= 0 ? fdopendir(top) : NULL;
        if (directory == NULL) refuse("setting back: opening %s: %s", path, strerror(errno));
        for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
            found = true;
            if (!is_directory(top, entry->d_name)) {
                if (unlinkat(top, entry->d_name, 0) != 0) refuse("setting back: removing a file: %s", strerror(errno));
                continue;
            }
            empty_into(top, top, entry->d_name);
            if (unlinkat(top, entry->d_name, AT_REMOVEDIR) != 0)
                refuse("setting back: removing a directory: %s", strerror(errno));
        }
        closedir(directory);
    }
}

// Queues, semaphores and segments of System V outlive the process that made them.
static void remove_ipc(const char *table, int (*remove)(int id)) {
    FILE *lines = fopen(table, "re");
    if (lines == NULL) return; // a kernel without them
    char line[512];
    int id;
    while (fgets(line, sizeof line, lines) != NULL) {
        if (sscanf(line, "%*d %d", &id) == 1 && remove(id) != 0 && errno != EINVAL && errno != EIDRM)
            refuse("setting back: removing what %s names: %s", table, strerror(errno));
    }
    fclose(lines);
}

static int remove_queue(int id) { return msgctl(id, IPC_RMID, NULL); }
static int remove_semaphores(int id) { return semctl(id, 0, IPC_RMID); }
static int remove_segment(int id) { return shmctl(id, IPC_RMID, NULL); }

// Makes the writable places what they were before the first program ran.
void set_back(void) {
    static const char *const places[] = {WORKSPACE, "/tmp", "/dev/shm"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) empty(places[i]);
    remove_ipc("/proc/sysvipc/msg", remove_queue);
    remove_ipc("/proc/sysvipc/sem", remove_semaphores);
    remove_ipc("/proc/sysvipc/shm", remove_segment);
    for (size_t i = 0; i < kept_count; i++) {
        // Written from a copy: cutting a path into its parts changes it.
        char *payload = malloc(kept[i].length + 1);
        if (payload == NULL) refuse("no memory for a file");
        memcpy(payload, kept[i].payload, kept[i].length);
        write_file(payload, kept[i].length, false);
        free(payload);
    }
    restore_program();
}
