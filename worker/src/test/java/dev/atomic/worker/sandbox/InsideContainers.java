package dev.atomic.worker.sandbox;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Looks from this host into what runs in containers: every file of their writable places, and all
/// of their processes' memory. Needs to be root, on the engine's machine.
final class InsideContainers {
    private static final Pattern ID = Pattern.compile("docker/([0-9a-f]{64})");
    private static final Pattern MAPPING =
            Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r.*?(?: +([/\\[].*))?");
    private static final List<String> PLACES = List.of("workspace", "tmp", "dev/shm");
    private static final int MOST = 64 << 20;

    /// A process in a container.
    record Inmate(String container, Path process, String command) {}

    static boolean canLook() {
        return Files.isReadable(Path.of("/proc/1/maps")) && "root".equals(user());
    }

    private static String user() {
        return System.getProperty("user.name");
    }

    static List<Inmate> all() throws IOException {
        List<Inmate> inmates = new ArrayList<>();
        try (Stream<Path> list = Files.list(Path.of("/proc"))) {
            for (Path process : list.toList()) {
                if (!process.getFileName().toString().matches("[0-9]+")) {
                    continue;
                }
                Matcher id = ID.matcher(read(process.resolve("cgroup")));
                if (id.find()) {
                    inmates.add(
                            new Inmate(
                                    id.group(1),
                                    process,
                                    read(process.resolve("cmdline")).replace('\0', ' ')));
                }
            }
        }
        return inmates;
    }

    /// Whether this text is anywhere in a process's memory or in a file it sees.
    static boolean has(Inmate inmate, String text) {
        byte[] sought = text.getBytes(StandardCharsets.US_ASCII);
        return inFiles(inmate, sought) || inMemory(inmate, sought);
    }

    private static boolean inFiles(Inmate inmate, byte[] sought) {
        for (String place : PLACES) {
            try (Stream<Path> files = Files.walk(inmate.process().resolve("root").resolve(place))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    if (contains(Files.readAllBytes(file), sought)) {
                        return true;
                    }
                }
            } catch (IOException | UncheckedIOException e) {
                // it has ended meanwhile
            }
        }
        return false;
    }

    private static boolean inMemory(Inmate inmate, byte[] sought) {
        try (RandomAccessFile memory =
                new RandomAccessFile(inmate.process().resolve("mem").toFile(), "r")) {
            for (String line : read(inmate.process().resolve("maps")).split("\n")) {
                Matcher mapping = MAPPING.matcher(line);
                if (!mapping.matches() || line.endsWith("[vvar]") || line.endsWith("[vsyscall]")) {
                    continue;
                }
                long from = Long.parseUnsignedLong(mapping.group(1), 16);
                long size = Long.parseUnsignedLong(mapping.group(2), 16) - from;
                byte[] bytes = new byte[(int) Math.min(size, MOST)];
                try {
                    memory.seek(from);
                    memory.readFully(bytes);
                } catch (IOException e) {
                    continue; // a gap, or it has ended meanwhile
                }
                if (contains(bytes, sought)) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false;
        }
        return false;
    }

    private static boolean contains(byte[] bytes, byte[] sought) {
        for (int i = 0; i <= bytes.length - sought.length; i++) {
            int k = 0;
            while (k < sought.length && bytes[i + k] == sought[k]) {
                k++;
            }
            if (k == sought.length) {
                return true;
            }
        }
        return false;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private InsideContainers() {}
}
