package dev.atomic.api.relay.socket;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.server.standard.ServletServerContainerFactoryBean;

/// Puts the socket at `/ws/stream`.
@Configuration(proxyBeanMethods = false)
@EnableWebSocket
public class StreamSocketConfiguration {
    /// Bytes the container receives a message in. It makes two such buffers of characters and one
    /// of bytes for every socket at once, whether they are used or not.
    private static final int RECEIVED_AT_ONCE = 2048;

    @Bean
    WebSocketConfigurer streamSocket(StreamSocketHandler handler) {
        // Origins are the access filter's to judge, which the handshake passes as any request.
        return registry ->
                registry.addHandler(handler, "/ws/stream")
                        .setHandshakeHandler(new StreamSocketHandshake())
                        .addInterceptors(new OnlyGet())
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
