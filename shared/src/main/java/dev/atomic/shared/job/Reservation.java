package dev.atomic.shared.job;

import java.time.LocalDate;

/// What is set aside of a tenant's day for a job until it ends.
///
/// @param day that the job's spending counts to
/// @param nanos billionths of a US dollar
public record Reservation(LocalDate day, long nanos, long tokens) {}
