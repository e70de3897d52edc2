package dev.atomic.api.access;

import dev.atomic.api.key.KeyStore;
import dev.atomic.api.key.KeyStore.Found;
import dev.atomic.api.key.Secret;
import dev.atomic.api.key.TicketStore;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import java.util.Collection;
import java.util.List;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.CredentialsExpiredException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.stereotype.Component;

/// Finds who a credential's caller is. A scope is an authority of the same name.
///
/// Thread-safe.
@Component
final class CallerAuthentication implements AuthenticationManager {
    private final KeyStore keys;
    private final TicketStore tickets;
    private final Tokens tokens;
    private final UnknownCredentials unknown = new UnknownCredentials();

    /// Others: an issuer that is slow to tell its keys must not keep API keys waiting.
    private final UnknownCredentials unknownTokens = new UnknownCredentials();

    CallerAuthentication(KeyStore keys, TicketStore tickets, Tokens tokens) {
        this.keys = keys;
        this.tickets = tickets;
        this.tokens = tokens;
    }

    @Override
    public Authentication authenticate(Authentication asked) {
        String credential = String.valueOf(asked.getCredentials());
        Caller caller =
                tokens.mayBeOne(credential)
                        ? unknownTokens.inTurn(credential, () -> tokens.caller(credential))
                        : unknown.inTurn(credential, () -> caller(credential));
        return UsernamePasswordAuthenticationToken.authenticated(
                caller, null, authorities(caller.scopes()));
    }

    static List<GrantedAuthority> authorities(Collection<Scope> scopes) {
        return scopes.stream()
                .map(scope -> (GrantedAuthority) new SimpleGrantedAuthority(scope.wire()))
                .toList();
    }

    private Caller caller(String text) {
        if (text.startsWith(Secret.TICKET_PREFIX)) {
            return tickets.use(text)
                    .orElseThrow(() ->
                            new BadCredentialsException(
                                    "The ticket was used, is too old, or never was; ask for another."));
        }
        return switch (keys.lookUp(text)) {
            case Found.Valid valid -> valid.caller();
            case Found.Expired _ -> throw new CredentialsExpiredException("The key has expired.");
            case Found.Revoked _ ->
                    throw new CredentialsExpiredException("The key has been revoked.");
            case Found.Unknown _ -> throw new BadCredentialsException("There is no such key.");
        };
    }
}
