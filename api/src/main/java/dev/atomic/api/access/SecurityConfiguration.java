package dev.atomic.api.access;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import jakarta.servlet.DispatcherType;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.authentication.AuthenticationFilter;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.firewall.StrictHttpFirewall;

/// Spring Security's filters, behind [AccessFilter]: who asks ([CallerAuthentication]), and whether
/// they may ([Route]). Nothing is kept between requests: no session, no cookie, so no forged
/// requests of other pages.
///
/// Where the api is open nothing that could be a credential is looked at, and everyone is
/// [Caller#OPEN]: clients of OpenAI's libraries must send some key.
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    private static final Refusals REFUSALS = new Refusals();

    @Bean
    SecurityFilterChain security(
            HttpSecurity http, ApiSettings settings, CallerAuthentication callers) {
        http.csrf(AbstractHttpConfigurer::disable)
                // AccessFilter's.
                .headers(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .sessionManagement(
                        session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .authenticationManager(callers)
                .exceptionHandling(refused ->
                        refused.authenticationEntryPoint(REFUSALS).accessDeniedHandler(REFUSALS))
                .authorizeHttpRequests(SecurityConfiguration::guard);
        if (settings.authenticates()) {
            http.anonymous(AbstractHttpConfigurer::disable)
                    .addFilterBefore(authentication(callers), AnonymousAuthenticationFilter.class);
        } else {
            http.anonymous(open ->
                    open.principal(Caller.OPEN)
                            .authorities(CallerAuthentication.authorities(Caller.OPEN.scopes())));
        }
        return http.build();
    }

    private static void guard(
            AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry
                    requests) {
        requests.dispatcherTypeMatchers(DispatcherType.ERROR).permitAll();
        for (Route route : Route.ALL) {
            var these = requests.requestMatchers(route);
            if (route.isForEverybody()) {
                these.permitAll();
            } else {
                these.hasAnyAuthority(
                        route.oneOf().stream().map(Scope::wire).toArray(String[]::new));
            }
        }
        requests.anyRequest().hasAuthority(Scope.ADMIN.wire());
    }

    private static AuthenticationFilter authentication(CallerAuthentication callers) {
        AuthenticationFilter filter = new AuthenticationFilter(callers, new Credentials());
        // Whether the process lives must not depend on the database, where keys are.
        filter.setRequestMatcher(
                request -> !Route.of(request).map(Route::isForEverybody).orElse(false));
        filter.setSuccessHandler((request, response, caller) -> {});
        filter.setFailureHandler(REFUSALS);
        return filter;
    }

    /// Less strict than its default with what names of files may have in them. Paths are matched by
    /// the same parser here and at the controllers, and what fits no rule needs `admin`.
    @Bean
    HttpFirewall firewall() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setUnsafeAllowAnyHttpMethod(true);
        firewall.setAllowSemicolon(true);
        firewall.setAllowUrlEncodedSlash(true);
        firewall.setAllowUrlEncodedDoubleSlash(true);
        firewall.setAllowUrlEncodedPercent(true);
        firewall.setAllowUrlEncodedPeriod(true);
        firewall.setAllowUrlEncodedCarriageReturn(true);
        firewall.setAllowUrlEncodedLineFeed(true);
        firewall.setAllowUrlEncodedParagraphSeparator(true);
        firewall.setAllowUrlEncodedLineSeparator(true);
        firewall.setAllowBackSlash(true);
        firewall.setAllowNull(true);
        firewall.setAllowedHeaderNames(_ -> true);
        firewall.setAllowedHeaderValues(_ -> true);
        firewall.setAllowedParameterNames(_ -> true);
        return firewall;
    }

    @Bean
    RequestRejectedHandler unreadableAddresses() {
        return REFUSALS;
    }
}
