package dev.atomic.worker.sandbox.engine;

import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.api.model.VersionComponent;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What isolates the containers, as the verdict says it: `runtime`, `engine`, `runc`, `seccomp`,
/// `rootless`.
final class Isolation {
    private Isolation() {}

    /// @param runtime the one that is asked for; empty for the engine's default
    static Map<String, String> of(Info info, Version version, String runtime) {
        List<String> options =
                info.getSecurityOptions() == null ? List.of() : info.getSecurityOptions();
        Object standard = info.getRawValues().get("DefaultRuntime");
        String byDefault = standard == null ? "runc" : standard.toString();
        return Map.of(
                "runtime",
                runtime.isEmpty() ? byDefault : runtime,
                "engine",
                "Docker " + version.getVersion(),
                "runc",
                component(version, "runc"),
                "seccomp",
                has(options, "seccomp") ? "atomic" : "none",
                "rootless",
                Boolean.toString(has(options, "rootless")));
    }

    private static boolean has(List<String> options, String name) {
        return options.stream().anyMatch(option -> option.startsWith("name=" + name));
    }

    private static String component(Version version, String name) {
        List<VersionComponent> components = version.getComponents();
        if (components == null) {
            return "unknown";
        }
        return components.stream()
                .filter(each -> name.equalsIgnoreCase(each.getName()))
                .flatMap(each -> Stream.ofNullable(each.getVersion()))
                .findFirst()
                .orElse("unknown");
    }
}
