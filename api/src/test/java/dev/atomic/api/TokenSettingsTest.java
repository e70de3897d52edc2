package dev.atomic.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenSettingsTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @ParameterizedTest
    @CsvSource({
        "ATOMIC_JWT_ISSUER, http://issuer.example",
        "ATOMIC_JWT_ISSUER, issuer.example",
        "ATOMIC_JWT_ISSUER, https://user:word@issuer.example",
        "ATOMIC_JWT_ISSUER, https://issuer.example/?x=y",
        "ATOMIC_JWT_ISSUER, https:// issuer",
        "ATOMIC_JWT_SECRET, 31-bytes-are-not-enough-for-it-",
        "ATOMIC_JWT_SECRET_FILE, /nowhere"
    })
    void whatIsNotAllowedIsToldByItsVariable(String variable, String value) {
        assertThatThrownBy(() -> from(Map.of(variable, value)))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(variable)
                .hasMessageNotContaining("31-bytes");
    }

    @Test
    void oneOfBothAndOnlyWhereCredentialsAreLookedAt(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        assertThat(from(Map.of("ATOMIC_JWT_SECRET_FILE", file.toString())).secret())
                .isEqualTo(SECRET);
        assertThat(from(Map.of("ATOMIC_JWT_SECRET", SECRET)).toString()).doesNotContain(SECRET);
        assertThat(from(Map.of("ATOMIC_JWT_ISSUER", "https://issuer.example/a/")).issuer())
                .isEqualTo("https://issuer.example/a/");
        assertThat(from(Map.of("ATOMIC_JWT_ISSUER", "http://127.0.0.1:8900")).issuer()).isNotNull();
        assertThatThrownBy(() ->
                        from(
                                Map.of(
                                        "ATOMIC_JWT_SECRET",
                                        SECRET,
                                        "ATOMIC_JWT_ISSUER",
                                        "https://issuer.example")))
                .hasMessageContaining("unset one");
        assertThatThrownBy(() ->
                        TokenSettings.from(
                                new Variables(Map.of("ATOMIC_JWT_SECRET", SECRET)), false))
                .hasMessageContaining("ATOMIC_AUTH=required")
                .hasMessageNotContaining(SECRET);
    }

    private static TokenSettings from(Map<String, String> variables) {
        return TokenSettings.from(new Variables(variables), true);
    }
}
