package dev.atomic.shared.job;

/// The limits of one run in the sandbox.
///
/// @param memoryMb memory without swap, MiB
/// @param cpuMillicores thousandths of a core
/// @param timeoutSeconds wall time, fractions allowed
/// @param pids most processes and threads
public record Limits(int memoryMb, int cpuMillicores, double timeoutSeconds, int pids) {}
