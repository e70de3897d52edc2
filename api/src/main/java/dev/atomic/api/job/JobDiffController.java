package dev.atomic.api.job;

import dev.atomic.api.diff.UnifiedDiff;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.api.request.Query;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.api.tenant.Tenant;
import dev.atomic.shared.job.FileStore;
import dev.atomic.shared.job.FileStore.Entry;
import dev.atomic.shared.job.FileStore.Role;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// What a job changed of another one's files, as a patch. Written file by file: no more than one
/// pair of files is ever held.
@RestController
final class JobDiffController {
    private static final String FROM = "from";

    private final JobFinder jobs;
    private final FileStore files;

    JobDiffController(JobFinder jobs, FileStore files) {
        this.jobs = jobs;
        this.files = files;
    }

    @GetMapping("/api/jobs/{id}/diff")
    void diff(HttpServletRequest request, HttpServletResponse response, @PathVariable String id)
            throws IOException {
        String from = Query.of(request, FROM).text(FROM);
        if (from == null) {
            throw new ProblemException(
                    ProblemCode.INVALID_REQUEST,
                    "?from=ID must name the job to compare with.",
                    List.of(new FieldError(FROM, "is missing")),
                    null);
        }
        UUID after = jobs.head(Tenant.DEFAULT, id).id();
        UUID before = jobs.head(Tenant.DEFAULT, from).id();
        Map<String, Entry> old = byPath(before);
        Map<String, Entry> now = byPath(after);
        SortedSet<String> paths = new TreeSet<>(old.keySet());
        paths.addAll(now.keySet());

        response.setContentType("text/plain");
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                ContentDisposition.attachment().filename(after + ".diff").build().toString());
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

    private Map<String, Entry> byPath(UUID job) {
        return files.list(job, Role.WORKSPACE).stream()
                .collect(Collectors.toMap(Entry::path, Function.identity()));
    }

    private byte @Nullable [] content(UUID job, @Nullable Entry file) {
        return file == null ? null : files.read(job, Role.WORKSPACE, file.path()).orElseThrow();
    }
}
