package dev.atomic.shared.access;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The proxies whose word is believed about what they pass on (`ATOMIC_TRUSTED_PROXIES`): addresses
/// and networks. Immutable.
public final class TrustedProxies {
    private static final String VARIABLE = "ATOMIC_TRUSTED_PROXIES";

    private final List<Network> networks;

    /// @param bits how many of the first are the network's
    private record Network(InetAddress address, int bits) {
        boolean contains(InetAddress other) {
            byte[] mine = address.getAddress();
            byte[] its = other.getAddress();
            if (its.length != mine.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((mine[bit / 8] & mask) != (its[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private TrustedProxies(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /// @throws SettingException for what is no address or network
    public static TrustedProxies from(Variables variables) {
        List<Network> networks = new ArrayList<>();
        for (String text : variables.text(VARIABLE, "").split("[,\\s]+", -1)) {
            if (!text.isEmpty()) {
                networks.add(network(text));
            }
        }
        return new TrustedProxies(networks);
    }

    private static Network network(String text) {
        try {
            String[] parts = text.split("/", 2);
            InetAddress address = InetAddress.ofLiteral(parts[0]);
            int most = address.getAddress().length * 8;
            int bits = parts.length == 1 ? most : Integer.parseInt(parts[1]);
            // All of the internet is nobody in particular.
            if (bits >= 1 && bits <= most) {
                return new Network(address, bits);
            }
        } catch (IllegalArgumentException malformed) {
            // told below
        }
        throw new SettingException(
                VARIABLE, text, "addresses or networks, e.g. 10.0.0.7, 10.1.0.0/16, fd00::/8");
    }

    public boolean isEmpty() {
        return networks.isEmpty();
    }

    /// @param address as the connection has it; null when it isn't known
    boolean contains(@Nullable InetAddress address) {
        return address != null && networks.stream().anyMatch(network -> network.contains(address));
    }
}
