#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    static const char *const places[] = {"/proc/1/environ", "/proc/1/fd/0", "/proc/1/mem", "/proc/self/environ", "/dev/fd/3"};
    char found[4096];
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        int fd = open(places[i], O_RDONLY | O_NONBLOCK);
        ssize_t got = fd < 0 ? 0 : read(fd, found, sizeof found);
        if (got > 0) (void)!write(1, found, (size_t)got);
    }
    return 0;
}
