#include "runner.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// Whoever asked is gone when the output breaks: ending takes everything else in the container along.
static void write_whole(struct iovec *parts, int count) {
    while (count > 0) {
        ssize_t written = writev(STDOUT_FILENO, parts, count);
        if (written < 0) {
            if (errno == EINTR) continue;
            _exit(3);
        }
        size_t left = (size_t)written;
        while (count > 0 && left >= parts->iov_len) {
            left -= parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
}

void say_bytes(char type, const void *head, size_t head_length, const void *body, size_t body_length) {
    uint32_t length = (uint32_t)(head_length + body_length);
    unsigned char frame[5] = {(unsigned char)type, (unsigned char)(length >> 24), (unsigned char)(length >> 16),
                              (unsigned char)(length >> 8), (unsigned char)length};
    struct iovec parts[3] = {{frame, sizeof frame}, {(void *)head, head_length}, {(void *)body, body_length}};
    write_whole(parts, 3);
}

void say(char type, const void *payload, size_t length) { say_bytes(type, payload, length, NULL, 0); }

static void say_formatted(char type, const char *format, va_list arguments) {
    char text[1024];
    int length = vsnprintf(text, sizeof text, format, arguments);
    if (length < 0) length = 0;
    if ((size_t)length >= sizeof text) length = sizeof text - 1;
    say(type, text, (size_t)length);
}

void say_text(char type, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_formatted(type, format, arguments);
    va_end(arguments);
}

void refuse(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_formatted('Q', format, arguments);
    va_end(arguments);
    _exit(2);
}
