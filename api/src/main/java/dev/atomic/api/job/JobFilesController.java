package dev.atomic.api.job;

import dev.atomic.api.answer.JobResource;
import dev.atomic.api.answer.JobResources;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.Query;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// A job's files. A model or a program wrote them and must not speak in our name. So they are given
/// as attachments, never as anything a browser would run or draw.
@RestController
final class JobFilesController {
    private static final MediaType TEXT = new MediaType("text", "plain", StandardCharsets.UTF_8);

    private final JobFinder jobs;
    private final FileStore files;

    JobFilesController(JobFinder jobs, FileStore files) {
        this.jobs = jobs;
        this.files = files;
    }

    /// A job's files as they stand in its resource.
    record Listing(List<JobResource.File> files) {}

    /// Says nothing of formats here: a request for another would be taken for one of a file without
    /// a name.
    @GetMapping("/api/jobs/{id}/files")
    Listing list(
            HttpServletRequest request,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller) {
        Query.of(request);
        JobHead job = jobs.head(caller.tenant(), id);
        return new Listing(
                files.list(job.id(), Role.WORKSPACE).stream()
                        .map(entry -> JobResources.file(job.id(), entry))
                        .toList());
    }

    @GetMapping("/api/jobs/{id}/files/{*path}")
    ResponseEntity<byte[]> file(
            HttpServletRequest request,
            @PathVariable String id,
            @PathVariable String path,
            @AuthenticationPrincipal Caller caller) {
        Query.of(request);
        JobHead job = jobs.head(caller.tenant(), id);
        String name = path.substring(1); // begins with the slash before it
        byte[] content =
                files.read(job.id(), Role.WORKSPACE, name)
                        .orElseThrow(() ->
                                new ProblemException(
                                        ProblemCode.NOT_FOUND, "The job has no such file."));
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(isText(content) ? TEXT : MediaType.APPLICATION_OCTET_STREAM);
        headers.setContentDisposition(attachment(name.substring(name.lastIndexOf('/') + 1)));
        headers.set("X-Content-Type-Options", "nosniff");
        return ResponseEntity.ok().headers(headers).body(content);
    }

    /// Written file by file: no archive is ever held whole.
    @GetMapping("/api/jobs/{id}/files.zip")
    void archive(
            HttpServletRequest request,
            HttpServletResponse response,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller)
            throws IOException {
        Query.of(request);
        JobHead job = jobs.head(caller.tenant(), id);
        List<FileStore.Entry> entries = files.list(job.id(), Role.WORKSPACE);
        response.setContentType(MediaType.APPLICATION_OCTET_STREAM_VALUE);
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION, attachment(job.id() + ".zip").toString());
        response.setHeader("X-Content-Type-Options", "nosniff");
        try (ZipOutputStream zip = new ZipOutputStream(response.getOutputStream())) {
            for (FileStore.Entry file : entries) {
                ZipEntry entry = new ZipEntry(file.path());
                // The same files give the same bytes.
                entry.setTime(job.createdAt().toEpochMilli());
                zip.putNextEntry(entry);
                zip.write(files.read(job.id(), Role.WORKSPACE, file.path()).orElseThrow());
                zip.closeEntry();
            }
        }
    }

    private static ContentDisposition attachment(String name) {
        return ContentDisposition.attachment().filename(name, StandardCharsets.UTF_8).build();
    }

    private static boolean isText(byte[] content) {
        for (byte b : content) {
            if (b == 0) {
                return false;
            }
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
