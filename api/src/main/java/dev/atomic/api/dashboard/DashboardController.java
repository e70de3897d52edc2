package dev.atomic.api.dashboard;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.problem.ProblemCode;
import java.security.SecureRandom;
import java.util.Base64;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;

/// JobRunr's dashboard as pages of ours, read-only: there are no other methods here than GET.
///
/// JobRunr's own server for it binds every address and knows nothing of our rules, so it is never
/// started.
@RestController
final class DashboardController {
    private final DashboardFiles files = new DashboardFiles();
    private final SecureRandom random = new SecureRandom();

    /// The page, whatever it is to show: it reads that from its address.
    @GetMapping({"/dashboard", "/dashboard/", "/dashboard/{*path}"})
    ResponseEntity<?> get(@PathVariable(required = false) String path, WebRequest request) {
        String name = path == null || path.isEmpty() ? "" : path.substring(1);
        if (name.startsWith("api/") || name.startsWith("sse/") || name.startsWith("static/")) {
            return asset(name, request);
        }
        return files.find(name).isPresent() ? asset(name, request) : page();
    }

    private ResponseEntity<?> asset(String name, WebRequest request) {
        DashboardFiles.Asset asset =
                files.find(name)
                        .orElseThrow(() ->
                                new ProblemException(
                                        ProblemCode.NOT_FOUND, "The dashboard has no such file."));
        if (request.checkNotModified(asset.tag())) {
            return ResponseEntity.status(304).build();
        }
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType(asset.type()))
                .cacheControl(CacheControl.noCache())
                .eTag(asset.tag())
                .body(asset.content());
    }

    private ResponseEntity<String> page() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        String nonce = Base64.getEncoder().encodeToString(bytes);
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType("text/html;charset=UTF-8"))
                .cacheControl(CacheControl.noStore())
                .header("Content-Security-Policy", policy(nonce))
                .body(files.page(nonce));
    }

    /// The page's components bring styles along as they are made, which no nonce of ours reaches.
    private static String policy(String nonce) {
        return "default-src 'none'; script-src 'nonce-"
                + nonce
                + "' 'strict-dynamic'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
                + " font-src 'self' data:; connect-src 'self'; manifest-src 'self';"
                + " frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    }
}
