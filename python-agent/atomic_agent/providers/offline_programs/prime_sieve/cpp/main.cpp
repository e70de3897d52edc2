// Primes up to a limit, by a segmented sieve of Eratosthenes.

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t segment_size = 65'536;
constexpr std::uint64_t max_limit = 10'000'000'000;
constexpr std::size_t shown = 10;

std::uint64_t square_root(std::uint64_t number) {
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 31; bit > 0; bit >>= 1) {
        if ((root + bit) * (root + bit) <= number) root += bit;
    }
    return root;
}

std::vector<std::uint64_t> small_primes(std::uint64_t limit) {
    std::vector<char> crossed(limit + 1, 0);
    std::vector<std::uint64_t> primes;
    for (std::uint64_t number = 2; number <= limit; ++number) {
        if (crossed[number]) continue;
        primes.push_back(number);
        for (auto multiple = number * number; multiple <= limit; multiple += number) {
            crossed[multiple] = 1;
        }
    }
    return primes;
}

/// Calls `take` with each prime up to the limit, in order.
template <typename Take>
void for_each_prime(std::uint64_t limit, Take take) {
    const auto small = small_primes(square_root(limit));
    std::vector<char> crossed(segment_size);
    for (std::uint64_t low = 2; low <= limit; low += segment_size) {
        const auto high = std::min(limit, low + segment_size - 1);
        std::fill(crossed.begin(), crossed.end(), 0);
        for (const auto prime : small) {
            if (!(prime * prime <= high)) break;
            const auto start = std::max(prime * prime, (low + prime - 1) / prime * prime);
            for (auto multiple = start; multiple <= high; multiple += prime) {
                crossed[multiple - low] = 1;
            }
        }
        for (auto number = low; number <= high; ++number) {
            if (!crossed[number - low]) take(number);
        }
    }
}

std::optional<std::uint64_t> limit_of(const std::string& text) {
    const bool digits = !text.empty() && text.size() <= 11
        && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return std::nullopt;
    const auto limit = std::stoull(text);
    if (limit > max_limit) return std::nullopt;
    return limit;
}

struct Known {
    std::uint64_t limit, count, sum;
};

int check() {
    const std::vector<Known> known = {
        {0, 0, 0}, {1, 0, 0}, {2, 1, 2}, {3, 2, 5}, {4, 2, 5}, {9, 4, 17}, {10, 4, 17},
        {25, 9, 100}, {49, 15, 328}, {100, 25, 1060}, {1000, 168, 76127},
        {65536, 6542, 202288087}, {65537, 6543, 202353624}, {100000, 9592, 454396537},
        {1000000, 78498, 37550402023},
    };
    int failed = 0;
    for (const auto& [limit, count, sum] : known) {
        std::uint64_t found = 0, total = 0;
        for_each_prime(limit, [&](std::uint64_t prime) { ++found; total += prime; });
        if (found != count || total != sum) {
            std::cerr << "FAILED up to " << limit << ": " << found << " primes, sum " << total << '\n';
            ++failed;
        }
    }
    for (const char* wrong : {"", "-1", "ten", "1e3", "10000000001", "99999999999999999999"}) {
        if (limit_of(wrong)) {
            std::cerr << "FAILED: '" << wrong << "' was taken\n";
            ++failed;
        }
    }
    std::cout << known.size() + 6 << " checks, " << failed << " failed\n";
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return check();
    const auto limit = argc == 2 ? limit_of(argv[1]) : std::nullopt;
    if (!limit) {
        std::cerr << "a whole number from 0 to " << max_limit << " is needed\n";
        return 2;
    }
    std::uint64_t count = 0;
    std::vector<std::uint64_t> last;
    for_each_prime(*limit, [&](std::uint64_t prime) {
        ++count;
        if (last.size() == shown) last.erase(last.begin());
        last.push_back(prime);
    });
    std::cout << count << " primes up to " << *limit << '\n';
    for (std::size_t i = 0; i < last.size(); ++i) std::cout << (i ? " " : "") << last[i];
    std::cout << '\n';
    return 0;
}
