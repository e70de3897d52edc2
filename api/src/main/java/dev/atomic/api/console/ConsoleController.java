package dev.atomic.api.console;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// The console at `/`.
///
/// Its page may load what is ours and nothing else, and the browser refuses to take a text for HTML
/// or for a script (Trusted Types, no policy allowed): what a model or a program wrote is text.
@RestController
final class ConsoleController {
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self'; frame-ancestors 'none'; base-uri 'none';"
                    + " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private final ConsoleFiles files = new ConsoleFiles();

    @GetMapping("/")
    ResponseEntity<ByteArrayResource> page(HttpServletRequest request) {
        HttpHeaders headers = new HttpHeaders();
        headers.set("Content-Security-Policy", POLICY);
        headers.setCacheControl(CacheControl.noCache());
        return answer(request, files.page(), headers);
    }

    /// A page that was opened before an upgrade gets the newer file, once.
    @GetMapping("/console/{version}/{*path}")
    ResponseEntity<ByteArrayResource> asset(
            HttpServletRequest request, @PathVariable String version, @PathVariable String path) {
        ConsoleFiles.Asset asset =
                files.find(path.substring(1))
                        .orElseThrow(() ->
                                new ProblemException(
                                        ProblemCode.NOT_FOUND, "The console has no such file."));
        HttpHeaders headers = new HttpHeaders();
        headers.setCacheControl(
                version.equals(files.version())
                        ? CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable()
                        : CacheControl.noStore());
        return answer(request, asset, headers);
    }

    private static ResponseEntity<ByteArrayResource> answer(
            HttpServletRequest request, ConsoleFiles.Asset asset, HttpHeaders headers) {
        headers.setContentType(MediaType.parseMediaType(asset.type()));
        headers.add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        String accepted = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
        if (accepted == null || !accepted.contains("gzip")) {
            return ResponseEntity.ok().headers(headers).body(asset.content());
        }
        headers.set(HttpHeaders.CONTENT_ENCODING, "gzip");
        return ResponseEntity.ok().headers(headers).body(asset.gzip());
    }
}
