package dev.atomic.api;

import dev.atomic.shared.DatabaseConfiguration;
import dev.atomic.shared.Launch;
import dev.atomic.shared.TlsFiles;
import dev.atomic.shared.Variables;
import dev.atomic.shared.WebAddress;
import dev.atomic.shared.access.AccessRules;
import dev.atomic.shared.telemetry.TraceSettings;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Import;

/// The api process: admits jobs, answers polls, relays events. Stateless; any number may run.
@SpringBootApplication
@ConfigurationPropertiesScan
@Import(DatabaseConfiguration.class)
public class ApiApplication {
    public static void main(String[] args) {
        Launch.run(ApiApplication.class, args, ApiApplication::address);
    }

    private static WebAddress address(Variables variables) {
        ApiSettings settings = ApiSettings.from(variables);
        // Looked at before Spring starts, which would tell of a bad one in a stack trace.
        AccessRules.from(variables);
        TraceSettings.from(variables, "atomic-api");
        TokenSettings.from(variables, settings.authenticates());
        return new WebAddress(settings.httpHost(), settings.httpPort(), TlsFiles.from(variables));
    }
}
