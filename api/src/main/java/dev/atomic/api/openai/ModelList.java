package dev.atomic.api.openai;

import dev.atomic.api.openai.fold.ResponseHead;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.Query;
import dev.atomic.api.status.Models;
import dev.atomic.shared.model.ModelProvider;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// The models that requests of OpenAI's shapes may name.
@RestController
final class ModelList {
    private final Models models;

    ModelList(Models models) {
        this.models = models;
    }

    record Page(String object, List<Model> data) {}

    /// @param created seconds since 1970; 0, as nobody says when a model was made
    record Model(String id, String object, long created, String ownedBy) {}

    @GetMapping("/v1/models")
    ResponseEntity<Page> list(HttpServletRequest request) {
        Query.of(request);
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .body(new Page("list", List.copyOf(known().values())));
    }

    @GetMapping("/v1/models/{*id}")
    ResponseEntity<Model> get(HttpServletRequest request, @PathVariable String id) {
        Query.of(request);
        Model model = known().get(id.substring(1));
        if (model == null) {
            throw new ProblemException(ProblemCode.NOT_FOUND, "There is no such model.");
        }
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(model);
    }

    private Map<String, Model> known() {
        Map<String, Model> known = new LinkedHashMap<>();
        add(known, ResponseHead.ANY_MODEL, "atomic");
        for (ModelProvider provider : models.providers()) {
            provider.models().forEach(model -> add(known, model.id(), provider.name()));
        }
        return known;
    }

    private static void add(Map<String, Model> known, String id, String owner) {
        known.putIfAbsent(id, new Model(id, "model", 0, owner));
    }
}
