package dev.atomic.worker.sandbox.engine;

import java.security.SecureRandom;
import java.util.function.IntSupplier;

/// The user ids that containers run as, drawn at random from those the image has a name for. The
/// kernel counts inotify instances, queued signals and pipe buffers by the id, over all containers.
///
/// Thread-safe.
final class UserIds implements IntSupplier {
    /// As in `ops/sandbox/Dockerfile`: between those that systems give to people (up to 60000, and
    /// systemd's homes behind them) and to services (from 61184), and below 65536, where the ids of
    /// an engine with a user namespace of its own end.
    static final int FIRST = 60_578;

    static final int COUNT = 606;

    private final SecureRandom random = new SecureRandom();

    @Override
    public int getAsInt() {
        return FIRST + random.nextInt(COUNT);
    }
}
