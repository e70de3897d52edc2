package dev.atomic.worker.pipeline;

import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.Verification;
import dev.atomic.worker.agent.AgentRequest;
import dev.atomic.worker.extraction.MarkdownFiles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What the three model stages ask, and what they make of the answer.
public final class Writings {
    /// Most characters that go to the model of what a failed run printed. They go as data, from the
    /// end, which says most.
    static final int MAX_FAILURE_CHARS = 8 * 1024;

    /// Most characters of an answer that go back to the model to be given in another form.
    private static final int MAX_UNCLEAR_CHARS = 64 * 1024;

    private Writings() {}

    /// A specification: kept as it is.
    public static ModelStage.Writing spec() {
        PromptTemplate template = PromptTemplate.load("spec");
        return new TextWriting("GENERATE_SPEC", template);
    }

    /// A README: kept as it is.
    public static ModelStage.Writing docs() {
        PromptTemplate template = PromptTemplate.load("docs");
        return new TextWriting("GENERATE_DOCS", template);
    }

    /// Code: its files are taken from the Markdown and replace those of the same path.
    public static ModelStage.Writing code() {
        return new CodeWriting(PromptTemplate.load("code"));
    }

    private record TextWriting(String requestType, PromptTemplate template)
            implements ModelStage.Writing {
        @Override
        public AgentRequest ask(PipelineRun run, ModelStage.@Nullable Unclear unclear) {
            return request(run, requestType, template, unclear);
        }

        @Override
        public ModelStage.Reading read(PipelineRun run, String answer) {
            return new ModelStage.Reading.Usable(List.of(), _ -> {}, null);
        }
    }

    private record CodeWriting(PromptTemplate template) implements ModelStage.Writing {
        @Override
        public AgentRequest ask(PipelineRun run, ModelStage.@Nullable Unclear unclear) {
            return request(run, "GENERATE_CODE", template, unclear);
        }

        @Override
        public ModelStage.Reading read(PipelineRun run, String answer) {
            return switch (MarkdownFiles.extract(answer, run.job().asked().input().language())) {
                case MarkdownFiles.Found(List<SourceFile> files, String doubt) ->
                        usable(run, files, doubt);
                case MarkdownFiles.None(String why) ->
                        new ModelStage.Reading.Unusable(
                                Failure.of(FailureCode.NO_CODE, why, StageName.CODE));
            };
        }

        private static ModelStage.Reading usable(
                PipelineRun run, List<SourceFile> files, @Nullable String doubt) {
            List<JobEvent> events = new ArrayList<>();
            for (SourceFile file : files) {
                events.add(
                        new JobEvent.File(
                                file.path(),
                                file.content().length,
                                FileStore.sha256(file.content()),
                                run.round()));
            }
            return new ModelStage.Reading.Usable(
                    events,
                    _ ->
                            files.forEach(file ->
                                    run.files()
                                            .putWritten(
                                                    run.job().tenantId(),
                                                    run.job().id(),
                                                    run.round(),
                                                    file)),
                    doubt);
        }
    }

    /// What was wrong with an answer's form, and its beginning between fences.
    private static String describe(ModelStage.Unclear unclear) {
        String answer = unclear.answer();
        String beginning =
                answer.length() <= MAX_UNCLEAR_CHARS
                        ? answer
                        : answer.substring(0, MAX_UNCLEAR_CHARS) + "…";
        return unclear.why() + ":\n\n" + fenced("", beginning);
    }

    private static AgentRequest request(
            PipelineRun run,
            String type,
            PromptTemplate template,
            ModelStage.@Nullable Unclear unclear) {
        JobInput input = run.job().asked().input();
        boolean needsFiles = !type.equals("GENERATE_SPEC");
        List<SourceFile> files = needsFiles ? run.workspace() : List.of();
        String spec = run.output(StageName.SPEC).or(run::specBefore).orElse("");
        @Nullable String failure = run.failure() == null ? null : describe(run, run.failure());
        String code = fenced(files);
        Map<String, String> places = new LinkedHashMap<>();
        places.put("prompt", input.prompt());
        places.put("language", input.language());
        places.put("framework", input.framework() == null ? "none asked for" : input.framework());
        places.put("history", numbered(run.history()));
        places.put("spec", spec);
        places.put("files", code);
        places.put("failure", failure == null ? "" : fenced("", failure));
        places.put("unclear", unclear == null ? "" : describe(unclear));
        places.put("instructions", input.instructions() == null ? "" : input.instructions());

        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("original_prompt", input.prompt());
        metadata.put("language", input.language());
        if (input.framework() != null) {
            metadata.put("framework", input.framework());
        }
        metadata.put("round", run.round());
        metadata.put("log", logged(run.job(), type));
        @Nullable String traceparent = run.claim().span().traceparent();
        if (traceparent != null) {
            metadata.put("traceparent", traceparent);
        }
        if (!spec.isEmpty()) {
            metadata.put("spec", spec);
        }
        if (!run.history().isEmpty()) {
            metadata.put("history", run.history());
        }
        if (!files.isEmpty()) {
            metadata.put("files", files.stream().map(SourceFile::path).toList());
        }
        if (type.equals("GENERATE_DOCS")) {
            metadata.put("code", code);
        }
        if (failure != null) {
            metadata.put("failure", failure);
        }
        return new AgentRequest(
                type,
                template.fill(places),
                metadata,
                input.model(),
                input.maxTokens(),
                input.temperature());
    }

    /// What the agent's log lines are to say, as ours do.
    private static Map<String, String> logged(Job job, String type) {
        return Map.of(
                "job", job.id().toString(),
                "stage", type.substring("GENERATE_".length()).toLowerCase(Locale.ROOT),
                "attempt", Integer.toString(job.course().attempt()),
                "trace", job.traceId());
    }

    static String numbered(List<String> prompts) {
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> (i + 1) + ". " + prompts.get(i))
                .collect(Collectors.joining("\n\n"));
    }

    private static String fenced(List<SourceFile> files) {
        return files.stream()
                .map(file -> fenced(" " + file.path(), file.text()))
                .collect(Collectors.joining("\n\n"));
    }

    /// A text between fences that nothing in it can end.
    ///
    /// @param about goes behind the first fence
    static String fenced(String about, String text) {
        String fence = "```";
        while (text.contains(fence)) {
            fence += "`";
        }
        return fence + about + "\n" + text + (text.endsWith("\n") ? "" : "\n") + fence;
    }

    private static String describe(PipelineRun run, Verification failed) {
        return failed.proof().cases() == null
                ? describe(failed)
                : FailedCases.describe(failed, run.asked().checks());
    }

    static String describe(Verification failed) {
        StringBuilder text = new StringBuilder("Verdict: " + failed.status().wire());
        if (failed.reason() != null) {
            text.append(" (").append(failed.reason()).append(')');
        }
        if (failed.ending().exitCode() != null) {
            text.append(", exit code ").append(failed.ending().exitCode());
        }
        if (failed.proof().tests() != null) {
            text.append(
                    ", %d tests run, %d failed"
                            .formatted(
                                    failed.proof().tests().run(), failed.proof().tests().failed()));
        }
        if (failed.compile() != null && failed.compile().exitCode() != 0) {
            text.append("\n\nThe compiler said:\n").append(tail(failed.compile().stderr(), 4_000));
        }
        int left = Math.max(0, MAX_FAILURE_CHARS - text.length() - 40);
        text.append("\n\nstdout:\n").append(tail(failed.printed().stdout(), left * 3 / 4));
        text.append("\n\nstderr:\n").append(tail(failed.printed().stderr(), left / 4));
        return text.toString();
    }

    static String tail(String text, int most) {
        return text.length() <= most ? text : "…" + text.substring(text.length() - most + 1);
    }
}
