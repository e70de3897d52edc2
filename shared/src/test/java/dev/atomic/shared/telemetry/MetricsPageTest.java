package dev.atomic.shared.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Holds `docs/metrics.md` to [Metric], and writes it when asked to.
class MetricsPageTest {
    private static final Path PAGE = Path.of("../docs/metrics.md");
    private static final String WRITE =
            "./mvnw -pl shared -am test -Dtest=MetricsPageTest -Dmetrics.page=write"
                    + " -Dsurefire.failIfNoSpecifiedTests=false";

    @Test
    void thePageIsMadeFromTheTable() throws IOException {
        if ("write".equals(System.getProperty("metrics.page"))) {
            Files.writeString(PAGE, page());
        }
        assertThat(Files.readString(PAGE)).as("write it anew: %s", WRITE).isEqualTo(page());
    }

    @Test
    void namesAreAsPrometheusHasThemAndEachIsThereOnce() {
        assertThat(Metric.values())
                .allSatisfy(metric ->
                        assertThat(metric.prometheus()).matches("atomic(_[a-z]+)+").isLowerCase());
        assertThat(Arrays.stream(Metric.values()).map(Metric::prometheus)).doesNotHaveDuplicates();
    }

    private static String page() {
        return """
        # Metrics

        The meters of the processes, for Prometheus. They are at `/actuator/prometheus` on the api and on each worker's
        management port. This page is generated from `Metric.java`. After a change there, generate it again with

        ```
        %s
        ```

        Spring Boot adds its own: the JVM (`jvm_…`), requests (`http_server_requests_seconds`) and the connection pool
        (`hikaricp_…`). Totals over all processes are in [`/api/metrics`](operations.md#metrics).

        Every series exists from the start, with 0. Timers and summaries have `_count`, `_sum` and `_max`, and where the table
        says so `_bucket`. Values start again from 0 with the process. A tag's values are a closed set; any other value is
        shown as `other`. What to scrape, a dashboard and alerts are in [operations.md](operations.md#monitoring).
        """
                        .formatted(WRITE)
                + table("The api", Metric.Source.API)
                + table("A worker", Metric.Source.WORKER)
                + tags();
    }

    private static String table(String title, Metric.Source source) {
        return "\n## "
                + title
                + "\n\n| meter | type | tags | unit | |\n|---|---|---|---|---|\n"
                + Arrays.stream(Metric.values())
                        .filter(metric -> metric.source() == source)
                        .map(MetricsPageTest::row)
                        .collect(Collectors.joining());
    }

    private static String row(Metric metric) {
        return "| `%s` | %s | %s | %s | %s |%n"
                .formatted(
                        metric.prometheus(),
                        metric.type().label() + (metric.buckets().isEmpty() ? "" : ", buckets"),
                        metric.tags().stream()
                                .map(tag -> "`" + tag.label() + "`")
                                .collect(Collectors.joining(", ")),
                        metric.unit().label(),
                        metric.about());
    }

    private static String tags() {
        return "\n## Tags\n\n| tag | values |\n|---|---|\n"
                + Arrays.stream(Tag.values())
                        .map(tag ->
                                "| `%s` | %s |%n"
                                        .formatted(
                                                tag.label(),
                                                tag.domain().stream()
                                                        .map(value -> "`" + value + "`")
                                                        .collect(Collectors.joining(", "))))
                        .collect(Collectors.joining());
    }
}
