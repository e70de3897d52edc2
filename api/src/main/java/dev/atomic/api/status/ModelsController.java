package dev.atomic.api.status;

import dev.atomic.shared.model.ModelProvider;
import java.util.List;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// `GET /api/models`: the models a job may name, with each provider's state, prices and limits.
@RestController
final class ModelsController {
    private final Fleet fleet;

    ModelsController(Fleet fleet) {
        this.fleet = fleet;
    }

    /// @param providers in the order in which they are asked; empty until a worker has reached its
    ///   agent
    record Answer(List<ModelProvider> providers) {}

    @GetMapping(path = "/api/models", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Answer> models() {
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .body(new Answer(fleet.providers()));
    }
}
