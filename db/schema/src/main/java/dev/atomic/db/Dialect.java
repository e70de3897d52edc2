package dev.atomic.db;

/// The two databases, and how they say the same thing in different words. What differs in more than
/// words stands in the class that owns the table, with what was measured.
public enum Dialect {
    H2,
    POSTGRESQL;

    /// A statement that changes rows and gives columns of them as they are after it.
    ///
    /// @param change an `update`, `insert` or `delete`
    /// @param columns as in a `select`
    public String returning(String change, String columns) {
        return switch (this) {
            case H2 -> "select " + columns + " from final table (" + change + ")";
            case POSTGRESQL -> change + " returning " + columns;
        };
    }
}
