#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Bytes that wait for a program that doesn't read them.
#define MAX_WAITING (32u << 20)

// Keeps bytes for the program; none close the channel once all before are delivered. False: it has too many unread.
bool channel_take(struct channel *channel, const char *bytes, size_t length) {
    if (channel->fd < 0 || channel->closing) return true;
    if (length == 0) {
        channel->closing = true;
        return true;
    }
    size_t waiting = channel->end - channel->begin;
    if (waiting + length > MAX_WAITING) return false;
    if (channel->end + length > channel->room) {
        memmove(channel->bytes, channel->bytes + channel->begin, waiting);
        channel->begin = 0;
        channel->end = waiting;
        if (waiting + length > channel->room) {
            channel->room = 2 * (waiting + length);
            channel->bytes = realloc(channel->bytes, channel->room);
            if (channel->bytes == NULL) refuse("no memory for a channel");
        }
    }
    memcpy(channel->bytes + channel->end, bytes, length);
    channel->end += length;
    return true;
}

static bool has_to_send(const struct channel *channel) { return channel->end > channel->begin || channel->closing; }

short channel_events(const struct channel *channel) {
    short events = channel->ended ? 0 : POLLIN;
    return has_to_send(channel) ? events | POLLOUT : events;
}

static void deliver(struct channel *channel) {
    while (channel->begin < channel->end) {
        ssize_t sent = send(channel->fd, channel->bytes + channel->begin, channel->end - channel->begin, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return;
        if (sent <= 0) { // nobody reads any more
            channel->begin = channel->end;
            break;
        }
        channel->begin += (size_t)sent;
    }
    channel->begin = channel->end = 0;
    if (!channel->closing) return;
    shutdown(channel->fd, SHUT_WR);
    channel->closing = false;
}

// Passes on what the program has written; says whether there was something.
static bool pass_on(struct channel *channel) {
    static char bytes[2 + 65536];
    if (channel->fd < 0 || channel->ended) return false;
    ssize_t got = recv(channel->fd, bytes + 2, sizeof bytes - 2, 0);
    if (got < 0 && errno == EINTR) return true;
    if (got < 0 && errno == EAGAIN) return false;
    size_t length = got > 0 ? (size_t)got : 0;
    bytes[0] = (char)(channel->step >> 8);
    bytes[1] = (char)channel->step;
    say('D', bytes, length + 2);
    channel->ended = length == 0;
    return !channel->ended;
}

// Called when something can be read or written.
void channel_advance(struct channel *channel, short ready) {
    if (channel->fd < 0 || ready == 0) return;
    if (ready & ~POLLOUT) pass_on(channel);
    if (has_to_send(channel)) deliver(channel);
}

// No process of the step is left: what it had written is passed on, and then its end.
void channel_end(struct channel *channel) {
    if (channel->fd < 0) return;
    while (pass_on(channel)) continue;
    if (!channel->ended) {
        const char step[2] = {(char)(channel->step >> 8), (char)channel->step};
        say('D', step, sizeof step);
    }
    close(channel->fd);
    free(channel->bytes);
    *channel = (struct channel){.fd = -1};
}
