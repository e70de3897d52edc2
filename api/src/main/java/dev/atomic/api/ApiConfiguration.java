package dev.atomic.api;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.shared.DatabasePatience;
import dev.atomic.shared.Json;
import dev.atomic.shared.Variables;
import dev.atomic.shared.access.AccessRules;
import dev.atomic.shared.telemetry.Traces;
import dev.atomic.shared.webhook.WebhookRules;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/// What all of the api is built on.
@Configuration(proxyBeanMethods = false)
class ApiConfiguration {
    @Bean
    ApiSettings apiSettings(Variables variables) {
        return ApiSettings.from(variables);
    }

    @Bean
    AccessRules accessRules(Variables variables) {
        return AccessRules.from(variables);
    }

    @Bean
    TokenSettings tokenSettings(Variables variables, ApiSettings settings) {
        return TokenSettings.from(variables, settings.authenticates());
    }

    @Bean
    WebhookRules webhookRules(Variables variables) {
        return WebhookRules.from(variables);
    }

    @Bean
    DatabasePatience databasePatience() {
        return DatabasePatience.OF_REQUESTS;
    }

    @Bean
    RequestMemory requestMemory() {
        return RequestMemory.ofThisProcess();
    }

    @Bean
    Traces traces(Variables variables) {
        return Traces.from(variables, "atomic-api");
    }

    /// The one mapper, in place of Boot's: answers are written as everything else of ours is.
    @Bean
    JsonMapper jsonMapper() {
        return Json.STRICT;
    }
}
