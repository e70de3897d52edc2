package dev.atomic.api.access;

import dev.atomic.shared.Variables;
import dev.atomic.shared.access.AccessRules;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/// Puts [AccessFilter] before everything but the request's id.
@Configuration(proxyBeanMethods = false)
public class AccessConfiguration {
    @Bean
    AccessRules accessRules(Variables variables) {
        return AccessRules.from(variables.values());
    }

    @Bean
    FilterRegistrationBean<AccessFilter> accessFilter(AccessRules rules) {
        FilterRegistrationBean<AccessFilter> filter =
                new FilterRegistrationBean<>(new AccessFilter(rules));
        filter.addUrlPatterns("/*");
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
        return filter;
    }
}
