package dev.atomic.api.description;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.openai.fold.JobLogs;
import dev.atomic.api.request.ExecuteBody;
import dev.atomic.api.tenant.Scope;
import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Match;
import dev.atomic.shared.verify.TestsBy;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.shared.verify.VerifyKind;
import dev.atomic.shared.verify.VerifyPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;

/// The document without the api: its parts, and its closed sets beside those of the code.
class ApiDocumentTest {
    private final ApiDocument document = new ApiDocument();
    private final JsonNode schemas =
            Json.STRICT.readTree(document.json()).at("/components/schemas");

    @Test
    void everyFileIsPartOfIt() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/openapi"))) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".yaml", "")))
                    .containsExactlyInAnyOrderElementsOf(ApiDocument.PARTS);
        }
    }

    @Test
    void bothFormatsSayTheSame() {
        Map<String, Object> fromYaml = new Yaml().load(document.yaml());
        assertThat(Json.STRICT.readTree(Json.write(fromYaml)))
                .isEqualTo(Json.STRICT.readTree(document.json()));
        assertThat(document.yaml()).doesNotContain("&id0", "x-part-");
    }

    @Test
    void closedSetsAreThoseOfTheCode() {
        same("/ProblemCode/enum", ProblemCode.values(), ProblemCode::wire, ofSocket());
        same("/FailureCode/enum", FailureCode.values(), FailureCode::wire);
        same("/JobState/enum", JobState.values(), JobState::wire);
        same("/Kind/enum", Kind.values(), Kind::wire);
        same("/StageName/enum", StageName.values(), StageName::wire);
        same("/StageStatus/enum", StageStatus.values(), StageStatus::wire);
        same("/Priority/enum", Priority.values(), Priority::wire);
        same("/Job/properties/priority/enum", Priority.values(), Priority::wire);
        same("/Origin/enum", Origin.values(), Origin::wire);
        same("/Scope/enum", Scope.values(), Scope::wire);
        same("/Match/enum", Match.values(), Match::wire);
        same("/VerifyKind/enum", VerifyKind.values(), VerifyKind::wire);
        same("/VerifyPolicy/enum", VerifyPolicy.values(), VerifyPolicy::wire);
        same("/VerificationStatus/enum", VerificationStatus.values(), VerificationStatus::wire);
        same("/Verification/properties/evidence/enum", Evidence.values(), Evidence::wire);
        same("/Verification/properties/tests/properties/by/enum", TestsBy.values(), TestsBy::wire);
        assertThat(texts("/RunLanguage/enum"))
                .containsExactlyInAnyOrderElementsOf(ExecuteBody.LANGUAGES);
    }

    /// Each event has a schema, whose fields are those of its record.
    @Test
    void eventsAreThoseOfTheCode() {
        List<String> types = new ArrayList<>();
        for (JsonNode each : schemas.at("/Event/oneOf")) {
            String name = each.path("$ref").asString("").replaceFirst(".*/", "");
            types.add(schemas.path(name).at("/properties/type/const").asString(""));
        }
        assertThat(types).hasSameSizeAs(JobEvent.class.getPermittedSubclasses());
        assertThat(types)
                .containsAll(
                        JobLogs.each().values().stream()
                                .flatMap(Collection::stream)
                                .map(JobEvent::type)
                                .toList());
        for (Class<?> event : JobEvent.class.getPermittedSubclasses()) {
            String name =
                    event == JobEvent.Verified.class
                            ? "VerificationEvent"
                            : event.getSimpleName() + "Event";
            assertThat(schemas.has(name)).as(name).isTrue();
            boolean unwraps = event == JobEvent.Verified.class || event == JobEvent.Case.class;
            if (!unwraps) {
                TreeSet<String> fields =
                        new TreeSet<>(schemas.path(name).path("properties").propertyNames());
                fields.removeAll(List.of("seq", "type", "job_id", "at", "attempt"));
                assertThat(fields)
                        .as(name)
                        .containsExactlyInAnyOrderElementsOf(
                                Arrays.stream(event.getRecordComponents())
                                        .map(component -> snake(component.getName()))
                                        .toList());
            }
        }
    }

    private static String snake(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static List<String> ofSocket() {
        return Arrays.stream(ProblemCode.values())
                .filter(ProblemCode::isOfSocketAlone)
                .map(ProblemCode::wire)
                .toList();
    }

    private <T> void same(String pointer, T[] values, Function<T, String> wire) {
        same(pointer, values, wire, List.of());
    }

    private <T> void same(
            String pointer, T[] values, Function<T, String> wire, List<String> without) {
        List<String> words = new ArrayList<>(Arrays.stream(values).map(wire).toList());
        words.removeAll(without);
        assertThat(texts(pointer)).as(pointer).containsExactlyInAnyOrderElementsOf(words);
    }

    private List<String> texts(String pointer) {
        JsonNode set = schemas.at(pointer);
        assertThat(set.isArray()).as(pointer).isTrue();
        return StreamSupport.stream(set.spliterator(), false)
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue)
                .toList();
    }
}
