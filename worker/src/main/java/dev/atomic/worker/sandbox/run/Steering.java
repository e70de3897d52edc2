package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.file.SourceFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What of a program would take part in how its caller's tests are found and run, and so isn't
/// there while they run: settings, plugins, and what would be loaded in the place of a test or of a
/// test tool. Pure.
public final class Steering {
    private static final Set<String> SETTINGS =
            Set.of(
                    "conftest.py",
                    "pytest.ini",
                    ".pytest.ini",
                    "tox.ini",
                    "setup.cfg",
                    "pyproject.toml");

    /// What Python runs at its start, and what tests are made with.
    private static final Set<String> TOOLS =
            Set.of(
                    "sitecustomize",
                    "usercustomize",
                    "pytest",
                    "_pytest",
                    "pluggy",
                    "iniconfig",
                    "unittest",
                    "doctest");

    private static final Pattern PYTHON_MODULE = Pattern.compile("(\\.[\\w-]+)*\\.(py|pyc|so)");
    private static final Pattern JAVASCRIPT_MODULE =
            Pattern.compile("(\\.(js|mjs|cjs|json|node))?");

    /// @param why in a few words
    public record LeftOut(SourceFile file, String why) {}

    private final Language language;

    /// The caller's source files without their endings: what tests are imported by.
    private final Set<String> modules = new HashSet<>();

    /// Where an import of a test may look.
    private final Set<String> folders = new HashSet<>(Set.of(""));

    private Steering(SandboxRun run, Language language) {
        this.language = language;
        for (SourceFile file : run.files()) {
            if (run.isCallers(file.path()) && language.owns(file.path())) {
                modules.add(file.path().substring(0, file.path().lastIndexOf('.')));
                for (String folder = parent(file.path()); !folder.isEmpty(); ) {
                    folders.add(folder);
                    folder = parent(folder);
                }
            }
        }
    }

    /// Whether a file of this name tells pytest which tests to run and how.
    public static boolean isSettings(String path) {
        return SETTINGS.contains(name(path));
    }

    /// The program's files that are left out while the caller's tests run; none where the caller
    /// handed in all files, or none.
    public static List<LeftOut> of(SandboxRun run, Language language) {
        if (run.callers().isEmpty() || run.isAllCallers()) {
            return List.of();
        }
        Steering steering = new Steering(run, language);
        List<LeftOut> all = new ArrayList<>();
        for (SourceFile file : run.files()) {
            String why = run.isCallers(file.path()) ? null : steering.why(file.path());
            if (why != null) {
                all.add(new LeftOut(file, why));
            }
        }
        return all;
    }

    private @Nullable String why(String path) {
        if (takesAPlace(path)) {
            return "would be loaded in place of a test file";
        }
        return switch (language) {
            case PYTHON -> inPython(path);
            case JAVASCRIPT ->
                    ("/" + path).contains("/node_modules/") ? "packages for the tests" : null;
            case C, CPP, BASH -> null;
        };
    }

    /// A folder or module of a test's name, in a form that is looked for first.
    private boolean takesAPlace(String path) {
        Pattern endings =
                switch (language) {
                    case PYTHON -> PYTHON_MODULE;
                    case JAVASCRIPT -> JAVASCRIPT_MODULE;
                    case C, CPP, BASH -> null;
                };
        return endings != null
                && modules.stream()
                        .filter(path::startsWith)
                        .map(module -> path.substring(module.length()))
                        .anyMatch(rest -> rest.startsWith("/") || endings.matcher(rest).matches());
    }

    private @Nullable String inPython(String path) {
        String folder = "";
        for (String part : path.split("/", -1)) {
            if (part.endsWith(".dist-info") || part.endsWith(".egg-info")) {
                return "can bring plugins";
            }
            if (part.equals("__pycache__") || part.endsWith(".pyc")) {
                return "compiled code";
            }
            if (folders.contains(folder) && isTool(part)) {
                return "has the name of a test tool";
            }
            folder = folder.isEmpty() ? part : folder + "/" + part;
        }
        if (path.endsWith(".pth")) {
            return "runs when Python starts";
        }
        return isSettings(path) ? "tells pytest how tests are run" : null;
    }

    private static boolean isTool(String part) {
        int dot = part.indexOf('.');
        String module = dot < 0 ? part : part.substring(0, dot);
        boolean loads = dot < 0 || PYTHON_MODULE.matcher(part.substring(dot)).matches();
        return TOOLS.contains(module) && loads;
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
}
