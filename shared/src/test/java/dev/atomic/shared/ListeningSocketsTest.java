package dev.atomic.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class ListeningSocketsTest {
    private static final long PID = ProcessHandle.current().pid();

    @Test
    void eachIsFoundWithTheAddressItIsBoundTo() throws Exception {
        try (ServerSocket narrow = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"));
                ServerSocket wide = new ServerSocket(0)) {
            assertThat(ListeningSockets.of(PID).orElseThrow())
                    .contains(new InetSocketAddress("127.0.0.2", narrow.getLocalPort()))
                    // of either family, as the machine has it
                    .anyMatch(socket ->
                            socket.getAddress().isAnyLocalAddress()
                                    && socket.getPort() == wide.getLocalPort());
        }
    }

    @Test
    void neitherAConnectionNorAClosedOneListens() throws Exception {
        InetSocketAddress was;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(socket.getInetAddress(), socket.getLocalPort())) {
            was = (InetSocketAddress) socket.getLocalSocketAddress();
            assertThat(ListeningSockets.of(PID).orElseThrow())
                    .contains(was)
                    .doesNotContain((InetSocketAddress) client.getLocalSocketAddress());
        }
        assertThat(ListeningSockets.of(PID).orElseThrow()).doesNotContain(was);
    }
}
