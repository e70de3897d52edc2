#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void finish(struct exchange *exchange, const char *how) {
    if (exchange->fd < 0) return;
    close(exchange->fd);
    free(exchange->request);
    say_text('a', "step %zu\nhow %s\n", exchange->step, how);
    *exchange = (struct exchange){.fd = -1, .step = exchange->step};
}

// Opens a connection of its own for one request. Payload: how long there is patience (four bytes, ms), then the request.
void exchange_begin(struct exchange *exchange, struct probe *probe, const struct asked *asked, int64_t now) {
    finish(exchange, "replaced");
    const unsigned char *head = (const unsigned char *)asked->payload;
    if (asked->length < 4) refuse("exchange too short");
    int64_t patience_ms = (int64_t)head[0] << 24 | (int64_t)head[1] << 16 | (int64_t)head[2] << 8 | head[3];
    exchange->until_us = now + patience_ms * 1000;
    exchange->length = asked->length - 4;
    exchange->request = malloc(exchange->length + 1);
    if (exchange->request == NULL) refuse("no memory for a request");
    memcpy(exchange->request, asked->payload + 4, exchange->length);
    // The first has the one the listener was found with: a server that takes only one connection has no second one.
    exchange->fd = probe->fd;
    probe->fd = -1;
    if (exchange->fd >= 0) return;
    exchange->fd = socket(probe->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (exchange->fd < 0) refuse("opening a connection: %s", strerror(errno));
    if (connect(exchange->fd, (const struct sockaddr *)&probe->address, probe->address_length) != 0 &&
        errno != EINPROGRESS)
        finish(exchange, "refused");
}

short exchange_events(const struct exchange *exchange) {
    return exchange->sent < exchange->length ? POLLIN | POLLOUT : POLLIN;
}

static void send_more(struct exchange *exchange) {
    while (exchange->sent < exchange->length) {
        ssize_t sent = send(exchange->fd, exchange->request + exchange->sent, exchange->length - exchange->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == ECONNREFUSED) finish(exchange, "refused");
        // Any other error is met again when the answer is read; until then there may be one.
        if (sent <= 0) return;
        exchange->sent += (size_t)sent;
    }
}

static void receive(struct exchange *exchange, uint64_t kept_bytes) {
    static char bytes[2 + 65536];
    ssize_t got = recv(exchange->fd, bytes + 2, sizeof bytes - 2, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0 && errno == ECONNREFUSED) {
        finish(exchange, "refused");
    } else if (got < 0) {
        finish(exchange, "cut");
    } else if (got == 0) {
        finish(exchange, "closed");
    } else {
        bytes[0] = (char)(exchange->step >> 8);
        bytes[1] = (char)exchange->step;
        exchange->passed += (uint64_t)got;
        if (exchange->passed > kept_bytes) finish(exchange, "too_much");
        else say('A', bytes, (size_t)got + 2);
    }
}

// Called when something can be read or written, and when it is due.
void exchange_advance(struct exchange *exchange, int64_t now, uint64_t kept_bytes) {
    if (exchange->fd < 0) return;
    struct pollfd ready = {.fd = exchange->fd, .events = exchange_events(exchange)};
    if (poll(&ready, 1, 0) > 0) {
        if (ready.revents & POLLOUT) send_more(exchange);
        if (exchange->fd >= 0 && ready.revents & ~POLLOUT) receive(exchange, kept_bytes);
    }
    if (exchange->fd >= 0 && now >= exchange->until_us) finish(exchange, "timeout");
}

void exchange_end(struct exchange *exchange) { finish(exchange, "cut"); }
