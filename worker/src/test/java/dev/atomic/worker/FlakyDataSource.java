package dev.atomic.worker;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/// A real database whose connection is lost right before or right after a commit, when a test says
/// so.
public final class FlakyDataSource extends DelegatingDataSource {
    private final AtomicInteger lostBefore = new AtomicInteger();
    private final AtomicInteger lostAfter = new AtomicInteger();
    private final AtomicInteger commits = new AtomicInteger();

    FlakyDataSource(DataSource real) {
        super(real);
    }

    /// The next commits don't happen, and nobody learns so.
    public void loseBeforeCommit(int times) {
        lostBefore.set(times);
    }

    /// The next commits happen, and nobody learns so.
    public void loseAfterCommit(int times) {
        lostAfter.set(times);
    }

    public int commits() {
        return commits.get();
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection real = super.getConnection();
        return (Connection)
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (_, method, arguments) -> {
                            try {
                                if (!method.getName().equals("commit")) {
                                    return method.invoke(real, arguments);
                                }
                                commit(real);
                                return null;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    private void commit(Connection real) throws SQLException {
        if (lostBefore.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            real.rollback();
            throw new SQLException("the connection was lost", "08006");
        }
        real.commit();
        commits.incrementAndGet();
        if (lostAfter.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new SQLException("the connection was lost", "08006");
        }
    }
}
