package dev.atomic.api;

import dev.atomic.db.SettingException;
import dev.atomic.shared.TlsFiles;
import dev.atomic.shared.Variables;
import dev.atomic.shared.access.TrustedProxies;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.verify.Limits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;

/// What the api is set up with, read and checked once at start.
///
/// @param httpHost where it listens; a loopback address, unless there is TLS or a proxy has it
/// @param authenticates whether who asks must show a key
/// @param maxQueueSize most jobs admitted and never started yet, over all api processes
/// @param syncWait how long a synchronous request waits for its job
/// @param maxAttempts most attempts a job may ask for, and the default
/// @param repairAttempts times code that doesn't pass goes back to the model
/// @param jobTimeoutSeconds longest a job may ask for, and the default
/// @param limits of one run in the sandbox; a request can only tighten them
/// @param tenant what each tenant may have at most
public record ApiSettings(
        String httpHost,
        int httpPort,
        boolean authenticates,
        int maxQueueSize,
        Duration syncWait,
        int maxAttempts,
        int repairAttempts,
        int jobTimeoutSeconds,
        Limits limits,
        TenantLimits tenant) {

    /// @throws SettingException for the first value that can't be read or isn't allowed
    public static ApiSettings from(Variables variables) {
        return new ApiSettings(
                host(variables),
                variables.integer("ATOMIC_HTTP_PORT", 8080, 0, 65_535),
                authenticates(variables),
                variables.integer("ATOMIC_MAX_QUEUE_SIZE", 1000, 1, 1_000_000),
                Duration.ofSeconds(variables.integer("ATOMIC_SYNC_WAIT_SECONDS", 50, 0, 600)),
                variables.integer("ATOMIC_MAX_ATTEMPTS", 4, 1, 100),
                variables.integer("ATOMIC_REPAIR_ATTEMPTS", 2, 0, 20),
                variables.integer("ATOMIC_JOB_TIMEOUT_SECONDS", 900, 1, 86_400),
                Limits.configured(variables),
                TenantLimits.from(variables));
    }

    /// An api on loopback is open unless told otherwise; on any other address none is.
    private static boolean authenticates(Variables variables) {
        String auth = variables.oneOf("ATOMIC_AUTH", "auto", "auto", "required", "off");
        if (isLoopback(variables)) {
            return auth.equals("required");
        }
        if (auth.equals("off")) {
            throw new SettingException(
                    "ATOMIC_AUTH",
                    auth,
                    "`auto` or `required`, as ATOMIC_HTTP_HOST isn't a loopback address");
        }
        return true;
    }

    /// Keys and code aren't sent in the clear over a network.
    private static String host(Variables variables) {
        String host = variables.text("ATOMIC_HTTP_HOST", "127.0.0.1");
        if (!isLoopback(variables)
                && TlsFiles.from(variables).isEmpty()
                && TrustedProxies.from(variables).isEmpty()) {
            throw new SettingException(
                    "ATOMIC_HTTP_HOST",
                    host,
                    "a loopback address; for another set ATOMIC_TLS_CERT and ATOMIC_TLS_KEY, or"
                            + " ATOMIC_TRUSTED_PROXIES where proxies do the TLS");
        }
        return host;
    }

    private static boolean isLoopback(Variables variables) {
        String host = variables.text("ATOMIC_HTTP_HOST", "127.0.0.1");
        try {
            return Arrays.stream(InetAddress.getAllByName(host))
                    .allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            throw new SettingException("ATOMIC_HTTP_HOST", host, "an address of this machine");
        }
    }
}
