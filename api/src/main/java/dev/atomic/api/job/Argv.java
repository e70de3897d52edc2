package dev.atomic.api.job;

import java.util.List;

/// Reads argument lists: no shell ever sees them.
final class Argv {
    private static final int MOST = 256;
    private static final int LONGEST = 32_768;

    private Argv() {}

    /// @return empty when there is none
    static List<String> command(Fields body) {
        List<String> command = body.texts("command", MOST, 0, LONGEST);
        if (command == null) {
            return List.of();
        }
        if (command.isEmpty() || command.getFirst().isBlank()) {
            body.wrong("command", "must begin with a program");
        }
        return command;
    }

    /// @return empty when there are none
    static List<String> args(Fields body) {
        List<String> args = body.texts("args", MOST, 0, LONGEST);
        return args == null ? List.of() : args;
    }
}
