package dev.atomic.worker.agent;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to the agent. A platform thread of its own reads it and hands frames to the waiting requests, which
/// never touch the socket's input: junixsocket's reads stall on virtual threads once as many of them wait as there
/// are cores (measured).
///
/// Thread-safe.
final class AgentConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentConnection.class);

    /// What a request gets: a frame, or the news that the connection is gone.
    sealed interface Received {
        record Got(Frame frame) implements Received {}

        record Gone() implements Received {}
    }

    private final AFUNIXSocket socket;
    private final OutputStream output;
    private final Map<String, BlockingQueue<Received>> waiting = new ConcurrentHashMap<>();

    /// Ids that were used here: a late line for one of them is dropped, any other ends the connection.
    private final Set<String> used = ConcurrentHashMap.newKeySet();

    private volatile boolean open = true;

    private AgentConnection(AFUNIXSocket socket) throws IOException {
        this.socket = socket;
        this.output = socket.getOutputStream();
        InputStream input = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        Thread.ofPlatform().daemon().name("agent-reader").start(() -> read(input));
    }

    /// @throws IOException when nobody listens there, or somebody we don't expect
    static AgentConnection open(Path path, Duration timeout) throws IOException {
        AFUNIXSocket socket = AFUNIXSocket.newInstance();
        try {
            socket.connect(AFUNIXSocketAddress.of(path), (int) timeout.toMillis());
            long peer = socket.getPeerCredentials().getUid();
            if (peer != 0 && peer != ownUid()) {
                throw new IOException("the agent runs as user " + peer + ", neither ours nor root");
            }
            return new AgentConnection(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static long ownUid() throws IOException {
        return ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
    }

    boolean isOpen() {
        return open;
    }

    /// Where frames for this id go from now on.
    BlockingQueue<Received> expect(String id) {
        BlockingQueue<Received> frames = new LinkedBlockingQueue<>();
        used.add(id);
        waiting.put(id, frames);
        if (!open) {
            frames.add(new Received.Gone());
        }
        return frames;
    }

    void forget(String id) {
        waiting.remove(id);
    }

    /// @throws IOException when the connection is gone
    void send(byte[] line) throws IOException {
        synchronized (output) {
            output.write(line);
            output.flush();
        }
    }

    private void read(InputStream input) {
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream(8 * 1024);
            int next;
            while ((next = input.read()) >= 0) {
                if (next == '\n') {
                    dispatch(FrameCodec.decode(line.toByteArray()));
                    line.reset();
                } else if (line.size() == FrameCodec.MOST_BYTES) {
                    throw new FrameCodec.BrokenFrame("a line of the agent is longer than 16 MiB");
                } else {
                    line.write(next);
                }
            }
        } catch (FrameCodec.BrokenFrame e) {
            LOG.warn("connection to the agent closed: {}", e.getMessage());
        } catch (IOException e) {
            LOG.debug("connection to the agent lost: {}", e.getMessage());
        } finally {
            close();
        }
    }

    private void dispatch(Frame frame) throws FrameCodec.BrokenFrame {
        BlockingQueue<Received> frames = waiting.get(frame.id());
        if (frames != null) {
            frames.add(new Received.Got(frame));
        } else if (!used.contains(frame.id())) {
            throw new FrameCodec.BrokenFrame("the agent answered a request nobody made");
        }
    }

    @Override
    public void close() {
        open = false;
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing the agent's socket: {}", e.getMessage());
        }
        waiting.values().forEach(frames -> frames.add(new Received.Gone()));
    }
}
