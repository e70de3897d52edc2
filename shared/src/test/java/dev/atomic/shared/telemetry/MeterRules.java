package dev.atomic.shared.telemetry;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What every process' meters keep to.
public final class MeterRules {
    private MeterRules() {}

    /// The series a process has by the table, such as `atomic.sandbox.pool{result=hit}`.
    public static Set<String> seriesOf(Metric.Source source) {
        Set<String> all = new TreeSet<>();
        for (Metric metric : Metric.values()) {
            if (metric.source() == source) {
                addSeries(all, metric.id() + "{", metric.tags());
            }
        }
        return all;
    }

    private static void addSeries(Set<String> all, String begun, List<Tag> left) {
        if (left.isEmpty()) {
            all.add(begun + "}");
            return;
        }
        Tag tag = left.getFirst();
        for (String value : tag.domain()) {
            addSeries(all, begun + tag.label() + "=" + value + ";", left.subList(1, left.size()));
        }
    }

    /// The series that are registered, in the same form.
    public static Set<String> seriesIn(MeterRegistry registry) {
        return registry.getMeters().stream()
                .map(Meter::getId)
                // How the registry of these tests keeps the buckets of a timer.
                .filter(id -> !id.getName().endsWith(".histogram"))
                .map(id -> id.getName() + "{" + labels(id) + "}")
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// Micrometer sorts tags by name; the table has its own order.
    private static String labels(Meter.Id id) {
        List<Tag> tags =
                Arrays.stream(Metric.values())
                        .filter(metric -> metric.id().equals(id.getName()))
                        .findFirst()
                        .map(Metric::tags)
                        .orElse(List.of());
        return tags.stream()
                .map(tag -> tag.label() + "=" + id.getTag(tag.label()) + ";")
                .collect(Collectors.joining());
    }

    /// The methods nobody calls: what they feed stands still.
    ///
    /// @param meters has a method for each thing that happens
    /// @param root the package of all who may call it
    public static Set<String> unfed(Class<?> meters, String root) {
        JavaClasses classes =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages(root);
        JavaClass feeders = classes.get(meters);
        Set<String> unfed = new TreeSet<>();
        for (JavaMethod method : feeders.getMethods()) {
            boolean called =
                    method.getAccessesToSelf().stream()
                            .anyMatch(access -> !access.getOriginOwner().equals(feeders));
            if (method.getModifiers().contains(JavaModifier.PUBLIC) && !called) {
                unfed.add(method.getName());
            }
        }
        return unfed;
    }

    /// The classes that make meters on their own, beside the table.
    ///
    /// @param meters the one that may
    public static Set<String> makersBeside(Class<?> meters, String root) {
        return new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages(root)
                        .stream()
                        .filter(each -> !each.getPackageName().equals(meters.getPackageName()))
                        .filter(each ->
                                each.getMethodCallsFromSelf().stream()
                                        .anyMatch(call ->
                                                call.getTargetOwner()
                                                        .getPackageName()
                                                        .startsWith("io.micrometer")))
                        .map(JavaClass::getName)
                        .collect(Collectors.toCollection(TreeSet::new));
    }
}
