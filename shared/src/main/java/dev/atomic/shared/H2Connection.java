package dev.atomic.shared;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.Socket;
import java.net.SocketException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.h2.engine.SessionRemote;
import org.h2.jdbc.JdbcConnection;
import org.h2.value.Transfer;
import org.jspecify.annotations.Nullable;

/// A connection to the H2 server that can be given up: closing it closes its socket, its network
/// timeout can be set, and trying it is cheap.
///
/// H2's driver forgets the socket of a server that didn't answer in time but leaves it open
/// (`SessionRemote.removeServer`, H2 2.4.240), and its `setNetworkTimeout` does nothing. The server
/// learned that it was given up from the client's garbage collector, or after ten seconds from its
/// own watch, and until then the transaction's locks were held: one admission that took too long on
/// a busy machine was followed by ten seconds in which none got through.
///
/// The driver doesn't show its socket. It is read from a private field, once, when the connection
/// is made.
///
/// Thread-safe as its superclass is.
final class H2Connection extends JdbcConnection {
    private static final Field TRANSFERS = transfers();

    private final Socket socket;
    private @Nullable PreparedStatement trial;

    /// @param url of a server, `jdbc:h2:tcp:…`
    /// @param properties `user` and `password` among them
    /// @throws SQLException when the server can't be reached or refuses
    H2Connection(String url, Properties properties) throws SQLException {
        super(url, properties, null, null, false);
        this.socket = socket((SessionRemote) getSession());
    }

    private static Field transfers() {
        try {
            Field field = SessionRemote.class.getDeclaredField("transferList");
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("this H2 keeps its socket elsewhere", e);
        }
    }

    private static Socket socket(SessionRemote session) {
        try {
            return ((Transfer) ((List<?>) TRANSFERS.get(session)).getFirst()).getSocket();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("this H2 hides its socket", e);
        }
    }

    @Override
    public void close() throws SQLException {
        try (socket) {
            super.close();
        } catch (IOException e) {
            throw new SQLNonTransientConnectionException("the socket can't be closed", e);
        }
    }

    /// One exchange with the server, where the driver makes two and looks at all sessions there
    /// are.
    ///
    /// @param timeout isn't heeded; the network timeout is
    @Override
    public boolean isValid(int timeout) {
        try {
            if (trial == null) {
                trial = prepareStatement("values 1");
            }
            try (ResultSet answer = trial.executeQuery()) {
                return answer.next();
            }
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void setNetworkTimeout(Executor executor, int milliseconds) {
        try {
            socket.setSoTimeout(milliseconds);
        } catch (SocketException e) {
            // It is closed, which the next statement tells.
        }
    }

    @Override
    public int getNetworkTimeout() {
        try {
            return socket.getSoTimeout();
        } catch (SocketException e) {
            return 0;
        }
    }
}
