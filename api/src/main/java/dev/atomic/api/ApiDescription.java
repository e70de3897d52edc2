package dev.atomic.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// `/v3/api-docs` and `/swagger-ui`, in the names the wire has. springdoc brings Jackson 2 and
/// reads records by it; nothing else here does.
@Configuration(proxyBeanMethods = false)
class ApiDescription {
    @Bean
    OpenAPI openApi() {
        Info info =
                new Info()
                        .title("Atomic Orchestrator")
                        .version("1")
                        .description(
                                "Turns a prompt into code that has been run. Jobs are submitted, waited for or"
                                        + " followed, and steered; errors are RFC 9457 problems with a stable `code`.");
        return new OpenAPI().info(info);
    }

    @Bean
    ModelResolver snakeCase(ObjectMapperProvider mappers) {
        ObjectMapper mapper = mappers.jsonMapper().copy();
        mapper.setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
        return new ModelResolver(mapper);
    }
}
