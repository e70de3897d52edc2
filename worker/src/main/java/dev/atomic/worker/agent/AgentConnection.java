package dev.atomic.worker.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to the agent. A platform thread of its own reads it and hands frames to the
/// waiting requests, which never touch the socket's input: junixsocket's reads stall on virtual
/// threads once as many of them wait as there are cores (measured). Another one writes: an agent
/// that hangs takes what the kernel's buffer holds and no more, and a write has no timeout.
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
    private final BlockingQueue<byte[]> outgoing = new LinkedBlockingQueue<>();
    private final Thread writer;
    private final Map<String, Inbox> waiting = new ConcurrentHashMap<>();
    private final Backlog backlog = new Backlog();

    /// Ids are this and a number, so that a late line for a request that is over (dropped) can be
    /// told from one that was never made here (ends the connection) without keeping every id.
    private final String prefix = UUID.randomUUID() + "-";

    private final AtomicLong made = new AtomicLong();

    private volatile boolean open = true;

    private AgentConnection(AFUNIXSocket socket) throws IOException {
        this.socket = socket;
        OutputStream output = socket.getOutputStream();
        InputStream input = socket.getInputStream();
        this.writer =
                Thread.ofPlatform().daemon().name("agent-writer").unstarted(() -> write(output));
        writer.start();
        Thread.ofPlatform().daemon().name("agent-reader").start(() -> read(input));
    }

    /// @throws IOException when nothing listens there, or something unexpected does
    static AgentConnection open(Path path, Duration timeout) throws IOException {
        AFUNIXSocket socket = AFUNIXSocket.newInstance();
        try {
            socket.connect(AFUNIXSocketAddress.of(path), (int) timeout.toMillis());
            long peer = socket.getPeerCredentials().getUid();
            if (peer != 0 && peer != ownUid()) {
                throw new IOException(
                        "the agent runs as user " + peer + ", which is neither ours nor root");
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

    /// An id for a new request.
    String newId() {
        return prefix + made.incrementAndGet();
    }

    private boolean wasMadeHere(String id) {
        if (!id.startsWith(prefix)) {
            return false;
        }
        String number = id.substring(prefix.length());
        return number.matches("[1-9][0-9]{0,17}") && Long.parseLong(number) <= made.get();
    }

    /// Where frames for this id go from now on.
    Inbox expect(String id) {
        Inbox inbox = new Inbox(backlog);
        waiting.put(id, inbox);
        if (!open) {
            inbox.gone();
        }
        return inbox;
    }

    void forget(String id) {
        Inbox inbox = waiting.remove(id);
        if (inbox != null) {
            inbox.close();
        }
    }

    /// Puts a line on its way and doesn't wait for it: the wait for its answer has a deadline, and
    /// ends when the connection is gone.
    void send(byte[] line) {
        outgoing.add(line);
    }

    private void write(OutputStream output) {
        try {
            while (open) {
                output.write(outgoing.take());
                output.flush();
            }
        } catch (IOException e) {
            LOG.debug("connection to the agent lost: {}", e.getMessage());
        } catch (InterruptedException e) {
            // closed
        } finally {
            close();
        }
    }

    private void read(InputStream input) {
        try {
            Lines lines = new Lines(input, FrameCodec.MAX_BYTES);
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                dispatch(FrameCodec.decode(line), line.length);
            }
        } catch (FrameCodec.BrokenFrame e) {
            LOG.warn("connection to the agent closed: {}", e.getMessage());
        } catch (IOException e) {
            LOG.debug("connection to the agent lost: {}", e.getMessage());
        } catch (InterruptedException e) {
            // nobody does that
        } finally {
            close();
        }
    }

    private void dispatch(Frame frame, int length)
            throws FrameCodec.BrokenFrame, InterruptedException {
        Inbox inbox = waiting.get(frame.id());
        if (inbox != null) {
            inbox.put(frame, length);
        } else if (!wasMadeHere(frame.id())) {
            throw new FrameCodec.BrokenFrame("the agent answered a request that wasn't sent to it");
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
        writer.interrupt();
        backlog.close();
        waiting.values().forEach(Inbox::gone);
    }
}
