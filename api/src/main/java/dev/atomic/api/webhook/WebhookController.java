package dev.atomic.api.webhook;

import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.webhook.WebhookSecrets;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// `/api/webhooks/secret`: what this tenant's webhooks are signed with, for their receiver.
@RestController
final class WebhookController {
    private final WebhookSecrets secrets;

    WebhookController(WebhookSecrets secrets) {
        this.secrets = secrets;
    }

    /// @param secret as the libraries of Standard Webhooks take it
    record Secret(String secret) {}

    @GetMapping(path = "/api/webhooks/secret", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Secret> secret(@AuthenticationPrincipal Caller caller) {
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .body(new Secret(secrets.of(caller.tenant())));
    }
}
