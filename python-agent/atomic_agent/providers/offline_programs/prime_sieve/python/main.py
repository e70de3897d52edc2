"""Primes up to a limit, by a segmented sieve of Eratosthenes."""

import sys
from collections import deque
from math import isqrt

SEGMENT = 1 << 16
MAX_LIMIT = 100_000_000


def primes(limit, segment=SEGMENT):
    """Yields all primes up to the limit, in order."""
    small = simple_sieve(isqrt(limit))
    for low in range(2, limit + 1, segment):
        high = min(low + segment - 1, limit)
        is_prime = bytearray([1]) * (high - low + 1)
        for p in small:
            if p * p > high:
                break
            start = max(p * p, (low + p - 1) // p * p) - low
            cross_out(is_prime, start, p)
        for offset, prime in enumerate(is_prime):
            if prime:
                yield low + offset


def cross_out(is_prime, start, step):
    is_prime[start::step] = bytes(len(range(start, len(is_prime), step)))


def simple_sieve(limit):
    """All primes up to a small limit, as a list."""
    is_prime = bytearray([1]) * (limit + 1)
    is_prime[:2] = bytes(min(2, limit + 1))
    for number in range(2, isqrt(limit) + 1):
        if is_prime[number]:
            cross_out(is_prime, number * number, number)
    return [number for number in range(limit + 1) if is_prime[number]]


def main(arguments):
    text = arguments[0] if arguments else "100"
    if not (text.isascii() and text.isdigit()) or int(text) > MAX_LIMIT:
        print(f"a whole number from 0 to {MAX_LIMIT} is needed", file=sys.stderr)
        return 2
    count, last = 0, deque(maxlen=10)
    for prime in primes(int(text)):
        count += 1
        last.append(prime)
    print(f"{count} primes up to {int(text)}")
    print(*last)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
