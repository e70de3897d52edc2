package dev.atomic.api.relay.socket;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.api.relay.tail.Sequence;
import dev.atomic.shared.Json;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.problem.ProblemCode;
import java.io.Serial;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a client can say on the socket.
sealed interface ClientMessage {
    /// The client's own mark, given back in the answer.
    @Nullable String ref();

    /// @param body as `POST /api/jobs` takes it
    record Submit(
            ObjectNode body,
            @Nullable String idempotencyKey,
            boolean accumulate,
            @Nullable String ref)
            implements ClientMessage {}

    record Subscribe(UUID job, long after, boolean accumulate, @Nullable String ref)
            implements ClientMessage {}

    record Unsubscribe(UUID job, @Nullable String ref) implements ClientMessage {}

    record Cancel(UUID job, @Nullable String ref) implements ClientMessage {}

    /// A message that is refused, with what its answer refers to.
    final class Refused extends Exception {
        @Serial private static final long serialVersionUID = 1L;

        private final transient ProblemException problem;
        private final @Nullable String ref;
        private final @Nullable String job;

        Refused(ProblemException problem, @Nullable String ref, @Nullable String job) {
            super(problem.detail(), problem, false, false);
            this.problem = problem;
            this.ref = ref;
            this.job = job;
        }

        ProblemException problem() {
            return problem;
        }

        @Nullable String ref() {
            return ref;
        }

        @Nullable String job() {
            return job;
        }
    }

    /// Longest `ref`, and longest text given back as a `job_id` that can't be one.
    int MAX_REF = 64;

    /// Reads a message; what is wrong with a submission's own fields is found by who takes it.
    static ClientMessage parse(String text) throws Refused {
        if (!(read(text) instanceof ObjectNode message)) {
            throw new Refused(invalid("", "a message must be a JSON object"), null, null);
        }
        String ref = ref(message);
        if (message.has("subscribe")) {
            only(message, ref, "subscribe", "after", "accumulate");
            return new Subscribe(
                    job(message, "subscribe", ref),
                    after(message, ref),
                    accumulate(message, ref),
                    ref);
        }
        if (message.has("unsubscribe")) {
            only(message, ref, "unsubscribe");
            return new Unsubscribe(job(message, "unsubscribe", ref), ref);
        }
        if (message.has("cancel")) {
            only(message, ref, "cancel");
            return new Cancel(job(message, "cancel", ref), ref);
        }
        String key = text(message, "idempotency_key", ref);
        boolean accumulate = accumulate(message, ref);
        message.remove(List.of("ref", "idempotency_key", "accumulate"));
        return new Submit(message, key, accumulate, ref);
    }

    private static JsonNode read(String text) throws Refused {
        try {
            return Json.STRICT.readTree(text);
        } catch (JacksonException e) {
            ProblemException problem =
                    new ProblemException(ProblemCode.MALFORMED_JSON, "The message is not JSON.");
            throw new Refused(problem, null, null);
        }
    }

    private static @Nullable String ref(ObjectNode message) throws Refused {
        String ref = text(message, "ref", null);
        if (ref != null && ref.codePointCount(0, ref.length()) > MAX_REF) {
            throw new Refused(invalid("ref", "must have at most 64 characters"), null, null);
        }
        return ref;
    }

    private static @Nullable String text(ObjectNode message, String field, @Nullable String ref)
            throws Refused {
        JsonNode value = message.get(field);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new Refused(invalid(field, "must be text"), ref, null);
        }
        return value.stringValue();
    }

    private static boolean accumulate(ObjectNode message, @Nullable String ref) throws Refused {
        JsonNode value = message.get("accumulate");
        if (value != null && !value.isBoolean()) {
            throw new Refused(invalid("accumulate", "must be true or false"), ref, null);
        }
        return value == null || value.booleanValue();
    }

    private static long after(ObjectNode message, @Nullable String ref) throws Refused {
        JsonNode value = message.get("after");
        if (value == null) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw new Refused(Sequence.refused("after"), ref, null);
        }
        return value.longValue();
    }

    private static UUID job(ObjectNode message, String field, @Nullable String ref) throws Refused {
        JsonNode value = message.get(field);
        if (!value.isString()) {
            throw new Refused(invalid(field, "must be a job's id"), ref, null);
        }
        String id = value.stringValue();
        var parsed = JobId.parse(id);
        if (parsed.isEmpty()) {
            throw new Refused(noSuchJob(), ref, id.length() > MAX_REF ? null : id);
        }
        return parsed.get();
    }

    private static void only(ObjectNode message, @Nullable String ref, String... fields)
            throws Refused {
        Set<String> known = Set.of(fields);
        for (String name : message.propertyNames()) {
            if (!name.equals("ref") && !known.contains(name)) {
                throw new Refused(
                        invalid(name, "isn't allowed together with " + fields[0]), ref, null);
            }
        }
    }

    static ProblemException noSuchJob() {
        return new ProblemException(ProblemCode.NOT_FOUND, "There is no such job.");
    }

    private static ProblemException invalid(String field, String message) {
        return new ProblemException(
                ProblemCode.INVALID_REQUEST,
                (field.isEmpty() ? message : field + " " + message) + ".",
                field.isEmpty() ? List.of() : List.of(new FieldError(field, message)),
                null);
    }
}
