package dev.atomic.shared;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A TCP connection to a server on this host whose answers can be kept back.
final class SlowWire implements AutoCloseable {
    private static final InetAddress HOST = InetAddress.getLoopbackAddress();

    private final ServerSocket listening;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private Duration delay = Duration.ZERO;

    SlowWire(int target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 50, HOST);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /// From now on, those being kept back included.
    synchronized void delay(Duration each) {
        delay = each;
        notifyAll();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                open.add(client);
                connect(client);
            }
        } catch (IOException closed) {
            // no more are taken
        }
    }

    private void connect(Socket client) throws IOException {
        try {
            Socket server = new Socket(HOST, target);
            open.add(server);
            Thread.ofVirtual().start(() -> copy(client, server, false));
            Thread.ofVirtual().start(() -> copy(server, client, true));
        } catch (ConnectException refused) {
            client.close();
        }
    }

    private void copy(Socket from, Socket to, boolean isAnswer) {
        byte[] buffer = new byte[64 << 10];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                if (isAnswer) {
                    keepBack();
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException closed) {
            // the other direction ends with it
        }
    }

    private synchronized void keepBack() throws InterruptedException {
        long began = System.nanoTime();
        for (long left = left(began); left > 0; left = left(began)) {
            wait(left);
        }
    }

    private long left(long began) {
        return delay.minusNanos(System.nanoTime() - began).toMillis();
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
