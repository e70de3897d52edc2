package dev.atomic.shared.model;

import dev.atomic.shared.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `agent` table: what each host's agent says of its providers. It outlives the workers that
/// wrote it, so that a model can be chosen while none is up.
///
/// Thread-safe. Outside of transactions: [#tell] may fail a statement and go on.
public final class ModelProviders {
    private final JdbcClient jdbc;

    public ModelProviders(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Stored(List<ModelProvider> providers) {}

    /// Writes what the agent of a host says now.
    public void tell(String host, List<ModelProvider> providers) {
        String json = Json.write(new Stored(providers));
        int known =
                jdbc.sql(
                                """
                                update agent set providers = :providers, told_at = current_timestamp
                                where host = :host
                                """)
                        .param("host", host)
                        .param("providers", json)
                        .update();
        if (known == 0) {
            try {
                jdbc.sql(
                                """
                                insert into agent (host, providers, told_at)
                                values (:host, :providers, current_timestamp)
                                """)
                        .param("host", host)
                        .param("providers", json)
                        .update();
            } catch (DuplicateKeyException e) {
                // Another worker of this host was quicker, and told the same.
            }
        }
    }

    /// Forgets hosts whose agent has said nothing for this long.
    public void forget(Duration silence) {
        jdbc.sql(
                        "delete from agent where told_at < current_timestamp - cast(:seconds as bigint) * interval '1' second")
                .param("seconds", silence.toSeconds())
                .update();
    }

    /// The providers of all hosts. One that several hosts have is listed once, as reported by the
    /// host that spoke last, with the models of all.
    public List<ModelProvider> all() {
        Map<String, ModelProvider> found = new LinkedHashMap<>();
        jdbc.sql("select providers from agent order by told_at desc, host")
                .query((row, _) -> Json.read(row.getString("providers"), Stored.class))
                .list()
                .forEach(told ->
                        told.providers()
                                .forEach(each ->
                                        found.merge(each.name(), each, ModelProviders::joined)));
        return List.copyOf(found.values());
    }

    private static ModelProvider joined(ModelProvider first, ModelProvider other) {
        List<ModelProvider.Model> models = new ArrayList<>(first.models());
        other.models().stream()
                .filter(model ->
                        first.models().stream().noneMatch(known -> known.id().equals(model.id())))
                .forEach(models::add);
        return new ModelProvider(
                first.name(), first.state(), first.cause(), first.retryAfterMs(), models);
    }
}
