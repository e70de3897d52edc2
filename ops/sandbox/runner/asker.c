#include "runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD 5

// What has come of the next record.
static char *bytes;
static size_t room, have;

static size_t wanted(void) {
    if (have < HEAD) return HEAD;
    const unsigned char *head = (const unsigned char *)bytes;
    size_t length = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    if (length > MAX_RECORD_BYTES) refuse("record of %zu bytes", length);
    return HEAD + length;
}

static void grow(size_t size) {
    if (size <= room) return;
    char *more = realloc(bytes, size);
    if (more == NULL) refuse("no memory for a record");
    bytes = more;
    room = size;
}

// Reads once from the request's sender while a step runs. Never past the end of a record: what follows may be the next
// batch's, which is read elsewhere.
bool read_asked(struct asked *asked) {
    size_t end = wanted();
    grow(end);
    if (have < end) {
        ssize_t got = read(STDIN_FILENO, bytes + have, end - have);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return false;
        if (got <= 0) _exit(3); // whoever asked is gone
        have += (size_t)got;
    }
    if (have < HEAD || have < wanted()) return false;
    *asked = (struct asked){.type = bytes[0], .payload = bytes + HEAD, .length = have - HEAD};
    have = 0;
    return true;
}
