package dev.atomic.api.relay.stream;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How long an event stream waits. Only tests that can't wait need to set this.
///
/// @param comment between the comments of an idle event stream
@ConfigurationProperties("relay")
record StreamTimes(@DefaultValue("15s") Duration comment) {}
