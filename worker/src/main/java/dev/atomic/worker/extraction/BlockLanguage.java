package dev.atomic.worker.extraction;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a fenced block's info string says of its language, against what a path's ending says. Pure.
final class BlockLanguage {
    private static final Set<String> SHELLS =
            Set.of(
                    "bash",
                    "sh",
                    "shell",
                    "console",
                    "terminal",
                    "zsh",
                    "powershell",
                    "cmd",
                    "output",
                    "diff",
                    "shell-session",
                    "sh-session");
    private static final Set<String> SHELL_ENDINGS = Set.of("sh", "bash", "zsh", "ps1", "diff");

    private BlockLanguage() {}

    /// Whether it is for a shell, or shows what one said.
    static boolean isShell(String info) {
        return SHELLS.contains(CodeLanguages.of(info)) || SHELLS.contains(firstWord(info));
    }

    private static String firstWord(String info) {
        return info.split("[\\s:{]", 2)[0].toLowerCase(Locale.ROOT);
    }

    /// Whether a block with this info string can be that file, as far as both say what they are.
    static boolean fits(String info, String path) {
        String language = CodeLanguages.of(info);
        Optional<String> owner = CodeLanguages.ofEnding(ending(path));
        if (isShell(info) && !isScript(path)) {
            return ending(path).isEmpty();
        }
        return owner.isEmpty()
                || !CodeLanguages.isKnown(language)
                || CodeLanguages.isRelated(language, owner.get());
    }

    /// Whether both the info string and the path say that they are of one language.
    static boolean isOf(String info, String path) {
        return CodeLanguages.ofEnding(ending(path))
                .filter(owner -> CodeLanguages.isRelated(CodeLanguages.of(info), owner))
                .isPresent();
    }

    static String ending(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /// Whether the path is a shell's or a patch's own.
    static boolean isScript(String path) {
        return SHELL_ENDINGS.contains(ending(path));
    }
}
