package dev.atomic.api.key;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.JsonBody;
import dev.atomic.api.request.KeyBody;
import dev.atomic.api.request.Query;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/// API keys of all tenants, for who has the scope `admin`; and tickets, for everyone.
@RestController
final class KeyController {
    private static final Logger LOG = LoggerFactory.getLogger(KeyController.class);

    private final KeyStore keys;
    private final TicketStore tickets;
    private final RequestMemory memory;

    KeyController(KeyStore keys, TicketStore tickets, RequestMemory memory) {
        this.keys = keys;
        this.tickets = tickets;
        this.memory = memory;
    }

    /// @param key the text to send; in the answer that makes it, and never again
    record Resource(
            String id,
            String name,
            String tenant,
            List<String> scopes,
            String createdAt,
            @Nullable String expiresAt,
            @Nullable String revokedAt,
            @Nullable String key) {
        static Resource of(ApiKey key, @Nullable String text) {
            return new Resource(
                    key.id(),
                    key.name(),
                    key.tenant(),
                    key.scopes().stream().sorted().map(Scope::wire).toList(),
                    LoggedEvent.time(key.createdAt()),
                    time(key.expiresAt()),
                    time(key.revokedAt()),
                    text);
        }

        private static @Nullable String time(@Nullable Instant at) {
            return at == null ? null : LoggedEvent.time(at);
        }
    }

    record Keys(List<Resource> keys) {}

    /// @param ticket to be sent as `/ws/stream?ticket=…`
    record Ticket(String ticket, long expiresInSeconds) {}

    @PostMapping(path = "/api/keys", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Resource> create(
            HttpServletRequest request, @AuthenticationPrincipal Caller caller) throws IOException {
        Query.of(request);
        KeyBody asked;
        try (RequestMemory.Share share = memory.open()) {
            asked = KeyBody.read(JsonBody.read(request, share), caller.tenant());
        }
        KeyStore.Made made = keys.make(asked);
        LOG.info("{} made key {} for tenant {}", caller.name(), made.key().id(), asked.tenant());
        return ResponseEntity.status(HttpStatus.CREATED)
                .cacheControl(CacheControl.noStore())
                .body(Resource.of(made.key(), made.text()));
    }

    @GetMapping(path = "/api/keys", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Keys> list(HttpServletRequest request) {
        Query.of(request);
        List<Resource> all = keys.list().stream().map(key -> Resource.of(key, null)).toList();
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(new Keys(all));
    }

    @DeleteMapping("/api/keys/{id}")
    ResponseEntity<Void> revoke(
            HttpServletRequest request,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller) {
        Query.of(request);
        if (!keys.revoke(id)) {
            throw new ProblemException(ProblemCode.NOT_FOUND, "There is no such key.");
        }
        LOG.info("{} revoked key {}", caller.name(), id);
        return ResponseEntity.noContent().build();
    }

    @PostMapping("/api/tickets")
    ResponseEntity<Ticket> ticket(
            HttpServletRequest request, @AuthenticationPrincipal Caller caller) {
        Query.of(request);
        return ResponseEntity.status(HttpStatus.CREATED)
                .cacheControl(CacheControl.noStore())
                .body(new Ticket(tickets.make(caller), TicketStore.LIFE.toSeconds()));
    }
}
