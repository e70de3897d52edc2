package dev.atomic.api.description;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.Query;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;

/// The OpenAPI document at `/v3/api-docs`, and Swagger UI to read and try it.
@RestController
final class DescriptionController {
    private static final String YAML = "application/yaml";
    private static final String PAGE = "/swagger-ui/index.html";

    /// Swagger UI sets styles on its elements as it goes, and has its icons in `data:` addresses.
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
                    + " data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none';"
                    + " form-action 'none'";

    private final ApiDocument document = new ApiDocument();
    private final SwaggerFiles files = new SwaggerFiles();

    @GetMapping(path = "/v3/api-docs", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<String> json(HttpServletRequest request) {
        Query.of(request);
        return ResponseEntity.ok().cacheControl(CacheControl.noCache()).body(document.json());
    }

    @GetMapping(path = "/v3/api-docs.yaml", produces = YAML)
    ResponseEntity<String> yaml(HttpServletRequest request) {
        Query.of(request);
        return ResponseEntity.ok().cacheControl(CacheControl.noCache()).body(document.yaml());
    }

    @GetMapping({"/swagger-ui", "/swagger-ui/", "/swagger-ui.html"})
    ResponseEntity<Void> page() {
        return ResponseEntity.status(HttpStatus.FOUND).location(URI.create(PAGE)).build();
    }

    @GetMapping("/swagger-ui/{file}")
    ResponseEntity<ByteArrayResource> file(@PathVariable String file, WebRequest request) {
        SwaggerFiles.Asset asset =
                files.find(file)
                        .orElseThrow(() ->
                                new ProblemException(
                                        ProblemCode.NOT_FOUND, "Swagger UI has no such file."));
        if (request.checkNotModified(asset.tag())) {
            return ResponseEntity.status(HttpStatus.NOT_MODIFIED).build();
        }
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType(asset.type()))
                .cacheControl(CacheControl.noCache())
                .eTag(asset.tag())
                .header("Content-Security-Policy", POLICY)
                .body(asset.content());
    }
}
