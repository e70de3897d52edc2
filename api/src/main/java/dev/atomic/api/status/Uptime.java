package dev.atomic.api.status;

import java.lang.management.ManagementFactory;

/// How long this process has been up.
final class Uptime {
    private Uptime() {}

    static long millis() {
        return ManagementFactory.getRuntimeMXBean().getUptime();
    }
}
