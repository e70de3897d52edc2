package dev.atomic.api.tenant;

/// Whose jobs these are. There is one tenant until requests are authenticated; every query asks for
/// it already.
public final class Tenant {
    public static final String DEFAULT = "default";

    private Tenant() {}
}
