#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_exactly(void *target, size_t length) {
    char *next = target;
    while (length > 0) {
        ssize_t got = read(STDIN_FILENO, next, length);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        next += got;
        length -= (size_t)got;
    }
    return true;
}

static void write_exactly(int fd, const char *bytes, size_t length, const char *what) {
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) refuse("writing %s: %s", what, strerror(errno));
        bytes += written;
        length -= (size_t)written;
    }
}

static void read_settings(struct request *request, char *text) {
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *space = strchr(line, ' ');
        if (space == NULL) refuse("setting without a value: %s", line);
        *space = '\0';
        char *end = NULL;
        errno = 0;
        uint64_t value = strtoull(space + 1, &end, 10);
        if (errno != 0 || end == space + 1 || *end != '\0' || value > UINT32_MAX) refuse("bad value of %s", line);
        if (strcmp(line, "wall_ms") == 0) request->wall_ms = value;
        else if (strcmp(line, "step_ms") == 0) request->step_ms = value;
        else if (strcmp(line, "more") == 0) request->more = value;
        else if (strcmp(line, "kept_bytes") == 0) request->kept_bytes = value;
        else if (strcmp(line, "output_bytes") == 0) request->output_bytes = value;
        else if (strcmp(line, "probe_ms") == 0) request->probe_ms = value;
        else refuse("unknown setting: %s", line);
    }
}

// Every directory is opened without following a link, although nothing has run yet that could have made one.
static int open_parent(char *path, char **name) {
    int directory = open(WORKSPACE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) refuse("opening %s: %s", WORKSPACE, strerror(errno));
    for (char *slash; (slash = strchr(path, '/')) != NULL; path = slash + 1) {
        *slash = '\0';
        if (mkdirat(directory, path, 0755) != 0 && errno != EEXIST) refuse("making %s: %s", path, strerror(errno));
        int next = openat(directory, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0) refuse("opening %s: %s", path, strerror(errno));
        close(directory);
        directory = next;
    }
    *name = path;
    return directory;
}

// replace: a file of the same path may be there
void write_file(char *payload, size_t length, bool replace) {
    if (length < 2) refuse("file record too short");
    size_t path_length = (size_t)(unsigned char)payload[0] << 8 | (unsigned char)payload[1];
    if (length < 2 + path_length) refuse("file record too short");
    char path[MAX_PATH_BYTES + 1], whole[MAX_PATH_BYTES + 1];
    const char *fault = path_fault(payload + 2, path_length);
    if (fault != NULL) refuse("a file's path is refused: %s", fault);
    memcpy(path, payload + 2, path_length);
    path[path_length] = '\0';
    memcpy(whole, path, path_length + 1);
    const char *contents = payload + 2 + path_length;
    size_t size = length - 2 - path_length;
    if (size > MAX_FILE_BYTES) refuse("%s is larger than a file may be", whole);
    char *name = NULL;
    int parent = open_parent(path, &name);
    if (replace) unlinkat(parent, name, 0); // no file there is fine, and a directory the next line refuses
    bool script = size > 2 && contents[0] == '#' && contents[1] == '!';
    int file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, script ? 0755 : 0644);
    if (file < 0) refuse("creating %s: %s", whole, strerror(errno));
    write_exactly(file, contents, size, whole);
    close(file);
    close(parent);
}

// Sealed, so that one step's program can't change what the next one reads.
static int keep_stdin(const char *bytes, size_t length) {
    int fd = memfd_create("stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) refuse("keeping the standard input: %s", strerror(errno));
    write_exactly(fd, bytes, length, "the standard input");
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        refuse("sealing the standard input: %s", strerror(errno));
    return fd;
}

static void read_step(struct step *step, const char *payload, size_t length) {
    if (length == 0 || payload[length - 1] != '\0') refuse("step without an end");
    size_t count = 0;
    for (size_t i = 0; i < length; i++) count += payload[i] == '\0';
    if (count < 2 || count > MAX_ARGUMENTS) refuse("step with %zu arguments", count);
    step->argv = calloc(count, sizeof *step->argv); // the kind's place becomes the closing NULL's
    char *copy = malloc(length);
    if (step->argv == NULL || copy == NULL) refuse("no memory for a step");
    step->copy = copy;
    memcpy(copy, payload, length);
    char *next = copy + strlen(copy) + 1;
    for (size_t i = 0; i + 1 < count; i++) {
        step->argv[i] = next;
        next += strlen(next) + 1;
    }
    for (step->kind = COMPILE; step->kind <= SUBJECT; step->kind++) {
        if (strcmp(copy, kind_name(step->kind)) == 0) return;
    }
    refuse("unknown kind of step: %s", copy);
}

// Files of one batch.
struct files {
    size_t count;
    size_t bytes;
    bool kept; // to be written again when the workspace is set back
};

static void read_preparation(const struct request *request, const struct files *files, const char *payload,
                             size_t length) {
    if (request->step_count > 0 || files->count > 0) refuse("prepared out of turn");
    struct step step;
    read_step(&step, payload, length);
    prepare(&step);
}

static void read_pattern(struct request *request, const char *payload, size_t length) {
    if (request->pattern_count == MAX_PATTERNS) refuse("more than %d patterns", MAX_PATTERNS);
    if (length == 0 || length > MAX_PATH_BYTES || memchr(payload, '\0', length) != NULL) refuse("bad pattern");
    char *pattern = strndup(payload, length);
    if (pattern == NULL) refuse("no memory for a pattern");
    request->patterns[request->pattern_count++] = pattern;
}

static void read_file(struct files *files, char *payload, size_t length, bool first) {
    files->bytes += length;
    if (++files->count > MAX_FILES) refuse("more than %d files", MAX_FILES);
    if (files->bytes > MAX_FILES_BYTES + MAX_FILES * (MAX_PATH_BYTES + 2)) refuse("files are too large in all");
    if (files->kept) keep_file(payload, length);
    write_file(payload, length, !first);
}

// Reads records until 'G'. The end of input before a request began is how an unused container is told to go.
static void read_records(struct request *request, bool first) {
    struct files files = {0};
    char *payload = malloc(MAX_RECORD_BYTES + 1);
    if (payload == NULL) refuse("no memory");
    while (true) {
        unsigned char head[5];
        if (!read_exactly(head, sizeof head)) _exit(0);
        size_t length = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
        if (length > MAX_RECORD_BYTES) refuse("record of %zu bytes", length);
        if (!read_exactly(payload, length)) _exit(0);
        payload[length] = '\0';
        switch (head[0]) {
        case 'L': read_settings(request, payload); break;
        case 'B':
            if (first || length > 0 || files.count > 0) refuse("set back out of turn");
            set_back();
            break;
        case 'W':
            files.kept = first && request->more;
            read_file(&files, payload, length, first);
            break;
        case 'I':
            if (request->stdin_fd >= 0) refuse("standard input given twice");
            request->stdin_fd = keep_stdin(payload, length);
            break;
        case 'P':
            if (!first) refuse("prepared out of turn");
            read_preparation(request, &files, payload, length);
            break;
        case 'S':
            if (request->step_count == MAX_STEPS) refuse("more than %d steps", MAX_STEPS);
            read_step(&request->steps[request->step_count++], payload, length);
            break;
        case 'K': read_pattern(request, payload, length); break;
        case 'T':
        case 'X': break; // for a step that ended meanwhile
        case 'G': free(payload); return;
        default: refuse("unknown record %d", head[0]);
        }
    }
}

void read_request(struct request *request) {
    *request = (struct request){.kept_bytes = 1u << 20, .output_bytes = 16u << 20, .probe_ms = 10000, .stdin_fd = -1};
    read_records(request, true);
    if (request->step_count == 0 && !request->more) refuse("no step");
    if (request->wall_ms == 0) refuse("no wall_ms");
}

// Reads the next batch of a run; what it doesn't name stays as it was, but for its steps, their input and `more`.
void read_batch(struct request *request) {
    if (request->stdin_fd >= 0) close(request->stdin_fd);
    request->stdin_fd = -1;
    for (size_t i = 0; i < request->step_count; i++) {
        free(request->steps[i].copy);
        free(request->steps[i].argv);
    }
    request->first_step += request->step_count;
    request->step_count = 0;
    request->more = 0;
    uint64_t wall_ms = request->wall_ms;
    read_records(request, false);
    if (request->wall_ms != wall_ms) refuse("wall_ms is the whole run's");
    if (request->first_step + request->step_count > UINT16_MAX) refuse("too many steps");
    if (request->step_count == 0 && request->more) refuse("no step");
}
