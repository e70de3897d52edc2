/* Primes up to a limit, by a segmented sieve of Eratosthenes. */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT 65536u
#define MAX_LIMIT UINT64_C(10000000000)
#define LAST 10u

/* What is known of the primes up to a limit: how many, their sum, and the last ones. */
struct primes {
    uint64_t count;
    uint64_t sum;
    uint64_t last[LAST];
};

static void add(struct primes *found, uint64_t prime)
{
    found->last[found->count % LAST] = prime;
    found->count++;
    found->sum += prime;
}

static uint64_t square_root(uint64_t number)
{
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1) {
        if ((root + bit) * (root + bit) <= number) {
            root += bit;
        }
    }
    return root;
}

/* All primes up to a small limit; the caller frees them. NULL without memory. */
static uint64_t *small_primes(uint64_t limit, size_t *count)
{
    unsigned char *crossed = calloc(limit + 1, 1);
    uint64_t *primes = malloc((limit + 1) * sizeof *primes);
    *count = 0;
    if (crossed == NULL || primes == NULL) {
        free(crossed);
        free(primes);
        return NULL;
    }
    for (uint64_t number = 2; number <= limit; number++) {
        if (crossed[number]) {
            continue;
        }
        primes[(*count)++] = number;
        for (uint64_t multiple = number * number; multiple <= limit; multiple += number) {
            crossed[multiple] = 1;
        }
    }
    free(crossed);
    return primes;
}

/* Finds the primes up to the limit; false without memory. */
static bool find_primes(uint64_t limit, struct primes *found)
{
    static unsigned char crossed[SEGMENT];
    size_t count;
    uint64_t *small = small_primes(square_root(limit), &count);
    memset(found, 0, sizeof *found);
    if (small == NULL) {
        return false;
    }
    for (uint64_t low = 2; low <= limit; low += SEGMENT) {
        uint64_t high = limit - low < SEGMENT ? limit : low + SEGMENT - 1;
        memset(crossed, 0, sizeof crossed);
        for (size_t i = 0; i < count; i++) {
            uint64_t prime = small[i];
            if (!(prime * prime <= high)) {
                break;
            }
            uint64_t start = (low + prime - 1) / prime * prime;
            if (start < prime * prime) {
                start = prime * prime;
            }
            for (uint64_t multiple = start; multiple <= high; multiple += prime) {
                crossed[multiple - low] = 1;
            }
        }
        for (uint64_t number = low; number <= high; number++) {
            if (!crossed[number - low]) {
                add(found, number);
            }
        }
    }
    free(small);
    return true;
}

static int check(void)
{
    /* limit, how many primes, their sum */
    static const uint64_t known[][3] = {
        {0, 0, 0}, {1, 0, 0}, {2, 1, 2}, {3, 2, 5}, {4, 2, 5}, {9, 4, 17}, {10, 4, 17},
        {25, 9, 100}, {49, 15, 328}, {100, 25, 1060}, {1000, 168, 76127},
        {65536, 6542, 202288087}, {65537, 6543, 202353624}, {100000, 9592, 454396537},
        {1000000, 78498, UINT64_C(37550402023)},
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct primes found;
        if (!find_primes(known[i][0], &found) || found.count != known[i][1]
                || found.sum != known[i][2]) {
            fprintf(stderr, "FAILED up to %" PRIu64 ": %" PRIu64 " primes, sum %" PRIu64 "\n",
                    known[i][0], found.count, found.sum);
            failed++;
        }
    }
    printf("%zu checks, %d failed\n", sizeof known / sizeof known[0], failed);
    return failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return check();
    }
    char *end;
    errno = 0;
    uint64_t limit = strtoull(argv[1], &end, 10);
    if (argc > 2 || errno != 0 || *end != '\0' || argv[1][0] < '0' || argv[1][0] > '9'
            || limit > MAX_LIMIT) {
        fprintf(stderr, "a whole number from 0 to %" PRIu64 " is needed\n", MAX_LIMIT);
        return 2;
    }
    struct primes found;
    if (!find_primes(limit, &found)) {
        fprintf(stderr, "not enough memory\n");
        return 1;
    }
    printf("%" PRIu64 " primes up to %" PRIu64 "\n", found.count, limit);
    uint64_t first = found.count < LAST ? 0 : found.count - LAST;
    for (uint64_t i = first; i < found.count; i++) {
        printf("%" PRIu64 "%s", found.last[i % LAST], i + 1 < found.count ? " " : "\n");
    }
    return 0;
}
