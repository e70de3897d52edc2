package dev.atomic.api.relay.socket;

import dev.atomic.api.admission.Submissions;
import dev.atomic.api.answer.JobResources;
import dev.atomic.api.job.Cancellation;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.relay.tail.EventTail;
import dev.atomic.api.relay.tail.FollowerReads;
import dev.atomic.shared.job.JobStore;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.server.standard.ServletServerContainerFactoryBean;

/// Puts the socket at `/ws/stream`.
@Configuration(proxyBeanMethods = false)
@EnableWebSocket
@EnableConfigurationProperties(SocketTimes.class)
public class StreamSocketConfiguration {
    /// Bytes the container receives a message in. It makes two such buffers of characters and one
    /// of bytes for every socket at once, whether they are used or not.
    private static final int RECEIVED_AT_ONCE = 2048;

    @Bean
    StreamSocketHandler streamSocketHandler(
            Submissions submissions,
            Cancellation cancellation,
            EventTail tail,
            FollowerReads reads,
            JobStore jobs,
            JobResources resources,
            SocketTimes times,
            RequestMemory memory) {
        SocketRequests requests = new SocketRequests(submissions, cancellation, jobs);
        return new StreamSocketHandler(requests, tail, reads, jobs, resources, times, memory);
    }

    @Bean
    WebSocketConfigurer streamSocket(StreamSocketHandler handler) {
        // Origins are the access filter's to judge, which the handshake passes as any request.
        return registry ->
                registry.addHandler(handler, "/ws/stream")
                        .setHandshakeHandler(new StreamSocketHandshake())
                        .setAllowedOriginPatterns("*");
    }

    @Bean
    ServletServerContainerFactoryBean webSocketContainer() {
        ServletServerContainerFactoryBean container = new ServletServerContainerFactoryBean();
        container.setMaxTextMessageBufferSize(RECEIVED_AT_ONCE);
        container.setMaxBinaryMessageBufferSize(RECEIVED_AT_ONCE);
        return container;
    }
}
