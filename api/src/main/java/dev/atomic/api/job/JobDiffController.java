package dev.atomic.api.job;

import dev.atomic.api.diff.UnifiedDiff;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.api.request.Query;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Entry;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// What changed from another job's files, or from those of an earlier round, as a patch. Written
/// file by file: no more than one pair of files is ever held.
@RestController
final class JobDiffController {
    private static final String FROM = "from";
    private static final String TO = "to";
    private static final Pattern ROUND = Pattern.compile("round:([0-9]{1,4})");

    private final JobFinder jobs;
    private final FileStore files;

    JobDiffController(JobFinder jobs, FileStore files) {
        this.jobs = jobs;
        this.files = files;
    }

    /// A job's files, now or after one of its rounds.
    private record Side(UUID job, Map<String, Entry> files) {}

    @GetMapping("/api/jobs/{id}/diff")
    void diff(
            HttpServletRequest request,
            HttpServletResponse response,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller)
            throws IOException {
        Query query = Query.of(request, FROM, TO);
        String from = query.text(FROM);
        String to = query.text(TO);
        if (from == null) {
            throw new ProblemException(
                    ProblemCode.INVALID_REQUEST,
                    "?from= must name the job to compare with, or a round of this one (round:0).",
                    List.of(new FieldError(FROM, "is missing")),
                    null);
        }
        UUID job = jobs.head(caller.tenant(), id).id();
        Side before =
                ROUND.matcher(from).matches()
                        ? after(job, FROM, from)
                        : now(jobs.head(caller.tenant(), from).id());
        Side after = to == null ? now(job) : after(job, TO, to);
        Map<String, Entry> old = before.files();
        Map<String, Entry> now = after.files();
        SortedSet<String> paths = new TreeSet<>(old.keySet());
        paths.addAll(now.keySet());

        response.setContentType("text/plain");
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                ContentDisposition.attachment().filename(job + ".diff").build().toString());
        response.setHeader("X-Content-Type-Options", "nosniff");
        Writer out = response.getWriter();
        UnifiedDiff diff = new UnifiedDiff();
        for (String path : paths) {
            @Nullable Entry was = old.get(path);
            @Nullable Entry is = now.get(path);
            if (was == null || is == null || !was.sha256().equals(is.sha256())) {
                out.write(diff.of(path, content(before, was), content(after, is)));
            }
        }
        out.flush();
    }

    private Side now(UUID job) {
        return new Side(job, byPath(files.list(job, Role.WORKSPACE)));
    }

    private Side after(UUID job, String parameter, String text) {
        Matcher round = ROUND.matcher(text);
        if (!round.matches()) {
            throw Query.wrong(parameter, "must be a round, as in round:0");
        }
        return new Side(
                job,
                byPath(
                        files.listAfter(job, Integer.parseInt(round.group(1)))
                                .orElseThrow(() ->
                                        Query.wrong(
                                                parameter,
                                                "names a round of which no files are kept"))));
    }

    private static Map<String, Entry> byPath(List<Entry> files) {
        return files.stream().collect(Collectors.toMap(Entry::path, Function.identity()));
    }

    private byte @Nullable [] content(Side side, @Nullable Entry file) {
        return file == null ? null : files.read(side.job(), file).orElseThrow();
    }
}
