package dev.atomic.api.access;

/// Whose jobs a request may see. While the api is open there is one tenant.
public final class Tenant {
    public static final String DEFAULT = "default";

    private Tenant() {}
}
