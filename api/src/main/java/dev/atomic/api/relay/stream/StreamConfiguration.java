package dev.atomic.api.relay.stream;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;

/// The times of the event streams.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StreamTimes.class)
class StreamConfiguration {}
