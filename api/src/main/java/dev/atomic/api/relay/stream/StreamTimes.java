package dev.atomic.api.relay.stream;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How long an event stream waits. Nobody needs to set this but tests that can't wait.
///
/// @param comment between the comments of an idle event stream
@ConfigurationProperties("relay")
record StreamTimes(@DefaultValue("15s") Duration comment) {}
