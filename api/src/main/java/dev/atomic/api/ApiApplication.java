package dev.atomic.api;

import dev.atomic.shared.DatabaseConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;

/// The api process: admits jobs, answers polls, relays events. Stateless; any number may run.
@SpringBootApplication
@Import(DatabaseConfiguration.class)
public class ApiApplication {
    public static void main(String[] args) {
        SpringApplication.run(ApiApplication.class, args);
    }
}
