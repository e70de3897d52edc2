package dev.atomic.api.status;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.model.ModelProvider;
import dev.atomic.shared.problem.ProblemCode;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/// The models a job may name.
///
/// Thread-safe.
@Component
public final class Models {
    /// Most models that a refusal names.
    private static final int MAX_NAMED = 20;

    private static final int RETRY_AFTER_SECONDS = 2;

    private final Fleet fleet;

    Models(Fleet fleet) {
        this.fleet = fleet;
    }

    /// The providers that are set up, in the order in which they are asked; none until a worker has
    /// reached its agent.
    public List<ModelProvider> providers() {
        return fleet.providers();
    }

    /// @throws ProblemException when no agent has that model, or none has said yet which it has
    public void require(String model) {
        List<ModelProvider> providers = fleet.providers();
        if (providers.isEmpty()) {
            throw new ProblemException(
                    ProblemCode.UNAVAILABLE,
                    "The models aren't known until a worker has reached its agent; try again, or"
                            + " leave model out.",
                    List.of(),
                    RETRY_AFTER_SECONDS);
        }
        if (providers.stream().noneMatch(each -> each.serves(model))) {
            String known =
                    providers.stream()
                            .flatMap(each -> each.models().stream())
                            .map(ModelProvider.Model::id)
                            .distinct()
                            .limit(MAX_NAMED)
                            .collect(Collectors.joining(", "));
            throw new ProblemException(
                    ProblemCode.UNKNOWN_MODEL,
                    "No provider that is set up has this model. GET /api/models lists all models: "
                            + known,
                    List.of(new FieldError("model", "isn't one of the models that are set up")),
                    null);
        }
    }
}
