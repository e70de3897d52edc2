package dev.atomic.db;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// TCP connections to a database on this host whose answers can be kept back, or that break when a
/// commit was asked for, in place of its answer.
public final class FaultyWire implements AutoCloseable {
    private static final InetAddress HOST = InetAddress.getLoopbackAddress();

    private final ServerSocket listening;
    private final int target;
    private final Map<String, String> variables = new HashMap<>();
    private final AtomicReference<@Nullable String> breaks = new AtomicReference<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private Duration delay = Duration.ZERO;

    /// @param database what is reached over it
    public FaultyWire(TestDatabase database) throws IOException {
        this(Integer.parseInt(database.settings().url().replaceFirst(".*:(\\d+)/.*", "$1")));
        variables.putAll(database.variables());
        variables.computeIfPresent(
                "ATOMIC_DB_URL", (_, url) -> url.replaceFirst(":\\d+/", ":" + port() + "/"));
    }

    private FaultyWire(int target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 50, HOST);
        Thread.ofVirtual().start(this::accept);
    }

    /// What a process that is to use it finds in its environment.
    public Map<String, String> variables() {
        return variables;
    }

    private int port() {
        return listening.getLocalPort();
    }

    /// The next connection that sends this and then a commit breaks when the server has committed.
    ///
    /// @param before in a statement's text
    public void breakAtTheCommitAfter(String before) {
        breaks.set(before);
    }

    /// Whether no connection is to break any more.
    public boolean isBroken() {
        return breaks.get() == null;
    }

    /// From now on, those being kept back included.
    public synchronized void delay(Duration each) {
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
            AtomicBoolean cut = new AtomicBoolean();
            Thread.ofVirtual().start(() -> copy(client, server, false, cut));
            Thread.ofVirtual().start(() -> copy(server, client, true, cut));
        } catch (ConnectException refused) {
            client.close();
        }
    }

    /// @param cut once it is set, the next answer is the end
    private void copy(Socket from, Socket to, boolean isAnswer, AtomicBoolean cut) {
        byte[] buffer = new byte[64 << 10];
        boolean isDoomed = false;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                if (isAnswer) {
                    keepBack();
                    if (cut.get()) {
                        return;
                    }
                } else {
                    String sent = new String(buffer, 0, read, StandardCharsets.ISO_8859_1);
                    String before = breaks.get();
                    isDoomed |= before != null && sent.contains(before);
                    if (isDoomed && sent.contains("COMMIT")) {
                        breaks.set(null);
                        cut.set(true);
                    }
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
