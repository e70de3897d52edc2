package dev.atomic.api.request;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Reads argument lists: no shell ever sees them.
final class Argv {
    private static final int MAX_ARGUMENTS = 256;
    private static final int MAX_ARGUMENT_LENGTH = 32_768;

    /// Bytes of UTF-8 that `command` and `args` may have together.
    private static final int MAX_BYTES = 64 * 1024;

    private Argv() {}

    /// @return empty when there is none
    static List<String> command(Fields body) {
        List<String> command = body.texts("command", MAX_ARGUMENTS, 0, MAX_ARGUMENT_LENGTH);
        if (command == null) {
            return List.of();
        }
        if (command.isEmpty() || command.getFirst().isBlank()) {
            body.wrong("command", "must begin with a program");
        } else if (bytes(command) > MAX_BYTES) {
            body.wrong("command", "may have at most 64 KiB");
        }
        return command;
    }

    /// @param command what they are appended to
    /// @return empty when there are none
    static List<String> args(Fields body, List<String> command) {
        List<String> args = body.texts("args", MAX_ARGUMENTS, 0, MAX_ARGUMENT_LENGTH);
        if (args == null) {
            return List.of();
        }
        if (bytes(command) + bytes(args) > MAX_BYTES) {
            body.wrong("args", "may have at most 64 KiB together with command");
        }
        return args;
    }

    private static long bytes(List<String> texts) {
        return texts.stream().mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length).sum();
    }
}
