package dev.atomic.shared.verify;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One HTTP request to the program, and what the answer has to be.
///
/// @param name the caller's, or else its method and path
/// @param path with a query, beginning with `/`
/// @param body null: none
public record Exchange(
        String name,
        String method,
        String path,
        Map<String, String> headers,
        @Nullable String body,
        Expected expect) {

    /// What is null, or empty, isn't looked at.
    ///
    /// @param headers by name, whatever its case; the value has to be the same
    /// @param json as JSON text; an object in it expects at least what it names
    /// @param contains has to be part of the body
    /// @param match how `body` is compared
    public record Expected(
            @Nullable Integer status,
            Map<String, String> headers,
            @Nullable String body,
            @Nullable String json,
            @Nullable String contains,
            Match match) {}
}
