package dev.atomic.shared;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// On which addresses a process really listens for TCP, as the kernel tells it (proc(5)).
public final class ListeningSockets {
    private static final String LISTEN = "0A";
    private static final Pattern SPACES = Pattern.compile("\\s+");
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    private ListeningSockets() {}

    /// @return empty on a system that has no `/proc`
    /// @throws IOException when there is one and the process isn't there or isn't ours to look at
    public static Optional<Set<InetSocketAddress>> of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        if (!Files.isDirectory(Path.of("/proc/self/net"))) {
            return Optional.empty();
        }
        Set<String> own = sockets(process.resolve("fd"));
        Set<InetSocketAddress> listening = new HashSet<>();
        for (String table : List.of("tcp", "tcp6")) {
            Path file = process.resolve("net").resolve(table);
            if (Files.exists(file)) { // no tcp6 where the kernel has no IPv6
                for (String line : Files.readAllLines(file)) {
                    String[] fields = SPACES.split(line.strip(), -1);
                    if (fields[STATE].equals(LISTEN) && own.contains(fields[INODE])) {
                        listening.add(address(fields[LOCAL_ADDRESS]));
                    }
                }
            }
        }
        return Optional.of(Set.copyOf(listening));
    }

    /// The inodes of the sockets a process has open.
    private static Set<String> sockets(Path descriptors) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> all = Files.list(descriptors)) {
            for (Path descriptor : (Iterable<Path>) all::iterator) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring("socket:[".length(), target.length() - 1));
                    }
                } catch (NoSuchFileException _) {
                    // closed meanwhile
                }
            }
        }
        return inodes;
    }

    /// @param text `0100007F:1F90`; the address in words of 32 bits in the machine's own order
    private static InetSocketAddress address(String text) throws IOException {
        int colon = text.indexOf(':');
        ByteBuffer bytes = ByteBuffer.allocate(colon / 2).order(ByteOrder.nativeOrder());
        for (int at = 0; at < colon; at += 8) {
            bytes.putInt(Integer.parseUnsignedInt(text.substring(at, at + 8), 16));
        }
        int port = Integer.parseInt(text.substring(colon + 1), 16);
        return new InetSocketAddress(InetAddress.getByAddress(bytes.array()), port);
    }
}
