package dev.atomic.worker.sandbox.verdict;

import dev.atomic.worker.sandbox.run.Language;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The names of what a program wanted to load and isn't installed, as its runtime printed them. A
/// program can print such a line itself: it only explains a failure, it never makes one.
public final class MissingImports {
    private static final int MAX_NAMES = 20;
    private static final List<Pattern> PYTHON =
            List.of(Pattern.compile("ModuleNotFoundError: No module named '([^'\\s]{1,200})'"));
    private static final List<Pattern> JAVASCRIPT =
            List.of(
                    Pattern.compile("Cannot find package '([^'\\s]{1,200})' imported"),
                    Pattern.compile("Error: Cannot find module '([^'\\s]{1,200})'"));
    private static final List<Pattern> BASH =
            List.of(Pattern.compile("line \\d+: ([^\\s:]{1,200}): command not found"));

    private MissingImports() {}

    public static List<String> in(Language language, String output) {
        Set<String> names = new LinkedHashSet<>();
        for (Pattern pattern : patterns(language)) {
            Matcher found = pattern.matcher(output);
            while (found.find() && names.size() < MAX_NAMES) {
                if (!isOwnFile(found.group(1))) {
                    names.add(name(language, found.group(1)));
                }
            }
        }
        return new ArrayList<>(names);
    }

    private static boolean isOwnFile(String name) {
        return name.startsWith(".") || name.startsWith("/");
    }

    private static List<Pattern> patterns(Language language) {
        return switch (language) {
            case PYTHON -> PYTHON;
            case JAVASCRIPT -> JAVASCRIPT;
            case BASH -> BASH;
            case C, CPP -> List.of(); // a missing header is a compile error
        };
    }

    /// What would have to be installed: the top package, not the module in it.
    private static String name(Language language, String module) {
        return language == Language.PYTHON && module.indexOf('.') > 0
                ? module.substring(0, module.indexOf('.'))
                : module;
    }
}
