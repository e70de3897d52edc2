package dev.atomic.api.relay.tail;

import dev.atomic.api.telemetry.ApiMeters;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The tail and what its followers read.
@Configuration(proxyBeanMethods = false)
public class TailConfiguration {
    @Bean
    FollowerReads followerReads(EventLog log) {
        return new FollowerReads(log);
    }

    @Bean
    EventTail eventTail(
            EventLog log, FollowerReads reads, JobStore jobs, Signals signals, ApiMeters meters) {
        return new EventTail(log, reads, jobs, signals, meters);
    }
}
