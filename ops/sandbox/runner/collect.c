#include "runner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ENTRIES 250000
#define MAX_REFUSED 50

struct collection {
    const struct request *request;
    size_t entries, files, refused;
    uint64_t bytes;
};

static bool wanted(const struct request *request, const char *path) {
    for (size_t i = 0; i < request->pattern_count; i++) {
        if (glob_matches(request->patterns[i], path)) return true;
    }
    return false;
}

static bool wanted_below(const struct request *request, const char *folder) {
    for (size_t i = 0; i < request->pattern_count; i++) {
        if (glob_enters(request->patterns[i], folder)) return true;
    }
    return false;
}

static void leave(struct collection *all, const char *reason, const char *path) {
    if (all->refused++ < MAX_REFUSED) say_bytes('X', reason, strlen(reason) + 1, path, strlen(path));
}

static void send_file(struct collection *all, int file, const char *path, size_t size) {
    size_t length = strlen(path);
    unsigned char *record = malloc(2 + length + size);
    if (record == NULL) {
        leave(all, "no_memory", path);
        return;
    }
    record[0] = (unsigned char)(length >> 8);
    record[1] = (unsigned char)length;
    memcpy(record + 2, path, length);
    size_t got = 0;
    while (got < size) {
        ssize_t part = read(file, record + 2 + length + got, size - got);
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) break;
        got += (size_t)part;
    }
    if (got < size) {
        leave(all, "unreadable", path);
    } else {
        all->files++;
        all->bytes += got;
        say('F', record, 2 + length + got);
    }
    free(record);
}

static void take_file(struct collection *all, int directory, const char *name, const char *path) {
    int file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat facts;
    if (file < 0 || fstat(file, &facts) != 0) leave(all, "unreadable", path);
    else if (!S_ISREG(facts.st_mode)) leave(all, "not_a_regular_file", path);
    else if (facts.st_nlink > 1) leave(all, "hard_link", path);
    else if (facts.st_size > (off_t)MAX_FILE_BYTES) leave(all, "too_large", path);
    else if (all->files == MAX_FILES) leave(all, "too_many", path);
    else if (all->bytes + (uint64_t)facts.st_size > MAX_FILES_BYTES) leave(all, "too_large_in_all", path);
    else send_file(all, file, path, (size_t)facts.st_size);
    if (file >= 0) close(file);
}

static void walk(struct collection *all, int parent, const char *name, const char *folder);

static void visit(struct collection *all, int directory, const char *name, const char *folder) {
    char path[MAX_SEEN_PATH + 1]; // with room for a slash
    int length = snprintf(path, sizeof path - 1, "%s%s", folder, name);
    const char *fault = path_fault(path, (size_t)length);
    struct stat facts;
    bool known = fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0;
    if (known && S_ISDIR(facts.st_mode)) {
        path[length] = '/';
        path[length + 1] = '\0';
        if (!wanted_below(all->request, path)) return;
        if (fault == NULL) walk(all, directory, name, path);
        else leave(all, fault, path);
        return;
    }
    if (!wanted(all->request, path)) return;
    if (fault != NULL) leave(all, fault, path);
    else if (!known) leave(all, "unreadable", path);
    else if (S_ISLNK(facts.st_mode)) leave(all, "link", path);
    else if (!S_ISREG(facts.st_mode)) leave(all, "not_a_regular_file", path);
    else take_file(all, directory, name, path);
}

// folder: its path, as it is told, with a slash at its end. One that can't be read, or not to its end, is named itself.
static void walk(struct collection *all, int parent, const char *name, const char *folder) {
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (directory == NULL) {
        if (fd >= 0) close(fd);
        leave(all, "unreadable", *folder == '\0' ? "./" : folder);
        return;
    }
    struct dirent *entry;
    while ((errno = 0, entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (all->entries == MAX_ENTRIES) {
            leave(all, "too_many", *folder == '\0' ? "./" : folder);
            break;
        }
        all->entries++;
        visit(all, fd, entry->d_name, folder);
    }
    if (entry == NULL && errno != 0) leave(all, "unreadable", *folder == '\0' ? "./" : folder);
    closedir(directory);
}

// Nothing else runs any more, so what is looked at stays as it is; links are followed nowhere all the same.
void give_back_files(const struct request *request) {
    if (request->pattern_count == 0) return;
    struct collection all = {.request = request};
    walk(&all, AT_FDCWD, WORKSPACE, "");
    if (all.refused > MAX_REFUSED) say_text('X', "and_more%c%zu", 0, all.refused - MAX_REFUSED);
}
