#include "runner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRAIN_US 300000
// Who has accepted and said nothing by then isn't going to.
#define SILENCE_US 5000000
// A look costs 1 to 3 ms of processor, because the kernel walks the whole machine's table of connections for it: a
// hundred a second would take a quarter of a core from the program. So the first one waits until a short program has
// ended, and they become fewer the longer it takes.
#define FIRST_LOOK_US 30000
#define LEAST_PAUSE_US 10000
#define LONGEST_PAUSE_US 250000
#define PAUSE_SHARE 10 // of the time that has passed

// A listener's address as /proc/net/tcp has it, made one that can be connected to.
static bool parse_listener(const char *line, bool v6, bool prefer_v6, struct sockaddr_in6 *six, struct sockaddr_in *four) {
    unsigned int word[4] = {0}, port = 0, state = 0;
    int fields = v6 ? sscanf(line, " %*d: %8x%8x%8x%8x:%4x %*x:%*x %2x", &word[0], &word[1], &word[2], &word[3], &port, &state)
                    : sscanf(line, " %*d: %8x:%4x %*8x:%*x %2x", &word[0], &port, &state);
    if (fields != (v6 ? 6 : 3) || state != 0x0a) return false;
    *four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    *six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    bool any = (word[0] | word[1] | word[2] | word[3]) == 0;
    if (v6 && (!any || prefer_v6)) {
        memcpy(&six->sin6_addr, word, sizeof word);
        if (any) six->sin6_addr = in6addr_loopback;
        four->sin_family = AF_UNSPEC;
    } else {
        four->sin_addr.s_addr = any ? htonl(INADDR_LOOPBACK) : word[0];
    }
    return true;
}

static void connect_to(struct probe *probe, const struct sockaddr *address, socklen_t length, uint16_t port) {
    probe->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe->fd < 0) return;
    if (connect(probe->fd, address, length) != 0 && errno != EINPROGRESS) {
        close(probe->fd);
        probe->fd = -1;
        return;
    }
    probe->port = port;
    memcpy(&probe->address, address, length);
    probe->address_length = length;
    probe->state = CONNECTING;
}

// The first listener of the table. A socket on [::] may or may not take IPv4: tried in turns.
static void search(struct probe *probe) {
    static bool prefer_v6;
    static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
    for (size_t i = 0; i < 2 && probe->state == SEARCHING; i++) {
        FILE *table = fopen(tables[i], "re");
        if (table == NULL) continue;
        char line[256];
        while (probe->state == SEARCHING && fgets(line, sizeof line, table) != NULL) {
            struct sockaddr_in four;
            struct sockaddr_in6 six;
            if (!parse_listener(line, i == 1, prefer_v6, &six, &four)) continue;
            if (four.sin_family == AF_INET)
                connect_to(probe, (const struct sockaddr *)&four, sizeof four, ntohs(four.sin_port));
            else connect_to(probe, (const struct sockaddr *)&six, sizeof six, ntohs(six.sin6_port));
        }
        fclose(table);
    }
    prefer_v6 = !prefer_v6;
}

static void start_over(struct probe *probe, int64_t now) {
    close(probe->fd);
    *probe = (struct probe){.state = SEARCHING,
                            .only_finds = probe->only_finds,
                            .fd = -1,
                            .begun_us = probe->begun_us,
                            .until_us = now + LEAST_PAUSE_US};
}

static void look(struct probe *probe, int64_t now) {
    if (now < probe->until_us) return;
    search(probe);
    int64_t pause = (now - probe->begun_us) / PAUSE_SHARE;
    if (pause < LEAST_PAUSE_US) pause = LEAST_PAUSE_US;
    if (pause > LONGEST_PAUSE_US) pause = LONGEST_PAUSE_US;
    probe->until_us = now + pause;
}

static void ask(struct probe *probe, int64_t now, int64_t patience_us) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0 && probe->only_finds) {
        probe->state = DONE;
        return;
    }
    char text[160];
    int length = snprintf(text, sizeof text,
                          "GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: atomic\r\nAccept: */*\r\n"
                          "Connection: close\r\n\r\n", probe->port);
    if (error != 0 || send(probe->fd, text, (size_t)length, MSG_NOSIGNAL) != length) {
        start_over(probe, now);
        return;
    }
    probe->state = ASKED;
    probe->answer_by_us = now + patience_us;
    probe->until_us = now + (patience_us < SILENCE_US ? patience_us : SILENCE_US);
}

static void finish(struct probe *probe) {
    close(probe->fd);
    probe->fd = -1;
    probe->state = DONE;
}

// The status in "HTTP/1.1 200" and one more character; 0 if it isn't one of three digits from 100 to 599.
static int status_in(const char *line) {
    const char *digits = line + 9;
    if (line[8] != ' ' || digits[0] < '1' || digits[0] > '5') return 0;
    for (int i = 1; i < 3; i++) {
        if (digits[i] < '0' || digits[i] > '9') return 0;
    }
    if (digits[3] != ' ' && digits[3] != '\r' && digits[3] != '\n') return 0;
    return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0';
}

static const char http[] = {'H', 'T', 'T', 'P', '/', '1', '.'};

// Once enough of the first line is there, says what it is. An interim answer (1xx) is none yet: it is passed over.
static void judge_head(struct probe *probe, int64_t now) {
    size_t known = probe->head_length < sizeof http ? probe->head_length : sizeof http;
    bool is_http = memcmp(probe->head, http, known) == 0;
    if (is_http && probe->head_length < sizeof probe->head) return;
    int status = is_http ? status_in(probe->head) : 0;
    if (status >= 100 && status < 200) {
        probe->interim = probe->skipping = true;
        probe->line_is_empty = probe->head[sizeof probe->head - 1] == '\n';
        probe->until_us = probe->answer_by_us;
        return;
    }
    probe->answer = !is_http ? "other" : status == 0 ? "malformed" : "http";
    probe->status = status;
    // Read on for a moment: a server whose client is gone in the middle prints a complaint.
    probe->state = DRAINING;
    probe->until_us = now + DRAIN_US;
}

// The rest of an interim answer's head; an empty line ends it.
static void skip(struct probe *probe, char c) {
    if (c == '\n' && probe->line_is_empty) {
        probe->skipping = false;
        probe->head_length = 0;
    }
    if (c != '\r') probe->line_is_empty = c == '\n';
}

// Nothing more is awaited: what was said has to do. how: `closed` or `silent`
static void conclude(struct probe *probe, const char *how) {
    if (probe->answer == NULL) {
        bool closed = strcmp(how, "closed") == 0;
        if (probe->head_length >= sizeof http || (probe->interim && closed)) probe->answer = "malformed";
        else probe->answer = probe->head_length > 0 ? "other" : how;
    }
    finish(probe);
}

static void receive(struct probe *probe, int64_t now) {
    char bytes[16384];
    ssize_t got = recv(probe->fd, bytes, sizeof bytes, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        conclude(probe, "closed");
        return;
    }
    for (ssize_t i = 0; i < got && probe->state == ASKED; i++) {
        if (probe->skipping) {
            skip(probe, bytes[i]);
        } else {
            probe->head[probe->head_length++] = bytes[i];
            judge_head(probe, now);
        }
    }
}

void probe_begin(struct probe *probe, bool only_finds, int64_t now) {
    *probe = (struct probe){.only_finds = only_finds, .state = SEARCHING, .fd = -1, .begun_us = now, .until_us = now + FIRST_LOOK_US};
}

short probe_events(const struct probe *probe) { return probe->state == CONNECTING ? POLLOUT : POLLIN; }

// When probe_advance has something to do even if nothing can be read or written.
int64_t probe_due_us(const struct probe *probe) { return probe->state == CONNECTING ? INT64_MAX : probe->until_us; }

// Called when something can be read or written, and when it is due.
void probe_advance(struct probe *probe, int64_t now, int64_t patience_us) {
    struct pollfd ready = {.fd = probe->fd, .events = probe_events(probe)};
    switch (probe->state) {
    case SEARCHING: look(probe, now); break;
    case CONNECTING:
        if (poll(&ready, 1, 0) > 0) ask(probe, now, patience_us);
        break;
    case ASKED:
    case DRAINING:
        if (poll(&ready, 1, 0) > 0) receive(probe, now);
        if (probe->state != DONE && now >= probe->until_us) conclude(probe, "silent");
        break;
    case DONE: break;
    }
}

// The program has ended by itself. What it had answered lies here, unless it never came to that.
void probe_end(struct probe *probe) {
    while (probe->state == ASKED || probe->state == DRAINING) {
        struct pollfd ready = {.fd = probe->fd, .events = POLLIN};
        if (poll(&ready, 1, 0) <= 0) break;
        receive(probe, 0);
    }
    if (probe->fd >= 0) close(probe->fd);
    probe->fd = -1;
}
