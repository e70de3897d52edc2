package dev.atomic.api.relay;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class RelayIT {
    @Nested
    class EventStreamOnH2 extends EventStreamConformance {
        EventStreamOnH2() {
            super(On.H2);
        }
    }

    @Nested
    @Tag("engine")
    class EventStreamOnPostgres extends EventStreamConformance {
        EventStreamOnPostgres() {
            super(On.POSTGRES);
        }
    }

    @Nested
    class StreamSocketOnH2 extends StreamSocketConformance {
        StreamSocketOnH2() {
            super(On.H2);
        }
    }

    @Nested
    @Tag("engine")
    class StreamSocketOnPostgres extends StreamSocketConformance {
        StreamSocketOnPostgres() {
            super(On.POSTGRES);
        }
    }

    @Nested
    class ResumeAfterDisconnectOnH2 extends ResumeAfterDisconnectConformance {
        ResumeAfterDisconnectOnH2() {
            super(On.H2);
        }
    }

    @Nested
    @Tag("engine")
    class ResumeAfterDisconnectOnPostgres extends ResumeAfterDisconnectConformance {
        ResumeAfterDisconnectOnPostgres() {
            super(On.POSTGRES);
        }
    }
}
