package dev.atomic.shared;

import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;

/// Looks, once the web server has started, at what it listens on: an api that is open because it is
/// on loopback must be there, whatever a setting of a framework made of it.
final class BoundAddress implements ApplicationListener<WebServerInitializedEvent> {
    private final WebAddress wanted;

    BoundAddress(WebAddress wanted) {
        this.wanted = wanted;
    }

    /// Ends the start, with one line.
    static final class Elsewhere extends RuntimeException {
        @Serial private static final long serialVersionUID = 1L;

        Elsewhere(String what) {
            super(what);
        }
    }

    @Override
    public void onApplicationEvent(WebServerInitializedEvent event) {
        if (event.getApplicationContext().getServerNamespace() != null) {
            throw new Elsewhere("a second web server was started, but only one is allowed");
        }
        int port = event.getWebServer().getPort();
        try {
            Optional<Set<InetSocketAddress>> listening =
                    ListeningSockets.of(ProcessHandle.current().pid());
            if (listening.isPresent()) {
                check(port, listening.get());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void check(int port, Set<InetSocketAddress> listening) throws IOException {
        List<InetAddress> allowed = List.of(InetAddress.getAllByName(wanted.host()));
        List<InetAddress> bound =
                listening.stream()
                        .filter(socket -> socket.getPort() == port)
                        .map(InetSocketAddress::getAddress)
                        .toList();
        boolean asWanted =
                !bound.isEmpty()
                        && bound.stream().allMatch(address -> isOneOf(allowed, address))
                        && (wanted.port() == 0 || wanted.port() == port);
        if (!asWanted) {
            throw new Elsewhere(
                    "it listens on %s port %d instead of %s port %d"
                            .formatted(
                                    bound.stream().map(InetAddress::getHostAddress).toList(),
                                    port,
                                    wanted.host(),
                                    wanted.port()));
        }
    }

    /// Every address of IPv4 is every address of IPv6 too where the machine has both.
    private static boolean isOneOf(List<InetAddress> allowed, InetAddress address) {
        return allowed.contains(address)
                || (address.isAnyLocalAddress()
                        && allowed.stream().anyMatch(InetAddress::isAnyLocalAddress));
    }
}
