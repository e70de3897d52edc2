package dev.atomic.shared.webhook;

import java.net.Inet4Address;
import java.net.InetAddress;

/// Which addresses are the public internet's: all others are this machine's, this network's, or
/// lead there in disguise. After IANA's registries of special-purpose addresses (RFC 6890).
final class PublicAddress {
    /// First bytes, and how many bits of them count.
    private static final class Block {
        private final int[] bytes;
        private final int bits;

        Block(int[] bytes, int bits) {
            this.bytes = bytes;
            this.bits = bits;
        }

        boolean holds(byte[] address) {
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                int theirs = address[bit / 8] & mask;
                int ours = bit / 8 < bytes.length ? bytes[bit / 8] & mask : 0;
                if (theirs != ours) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final Block[] NOT_PUBLIC_4 = {
        v4(8, 0), // this network
        v4(8, 10), // private
        v4(10, 100, 64), // shared by a carrier's customers
        v4(8, 127), // loopback
        v4(16, 169, 254), // link-local, the clouds' metadata
        v4(12, 172, 16), // private
        v4(24, 192, 0, 0), // protocol assignments
        v4(24, 192, 0, 2), // documentation
        v4(24, 192, 88, 99), // 6to4 relays
        v4(16, 192, 168), // private
        v4(15, 198, 18), // benchmarks
        v4(24, 198, 51, 100), // documentation
        v4(24, 203, 0, 113), // documentation
        v4(4, 224), // multicast
        v4(4, 240), // reserved, broadcast
    };

    /// Of IPv6 only this is given out for the public internet.
    private static final Block GLOBAL_6 = new Block(new int[] {0x20}, 3);

    private static final Block[] NOT_PUBLIC_6 = {
        new Block(new int[] {0x20, 0x01, 0x00}, 23), // protocol assignments, Teredo among them
        new Block(new int[] {0x20, 0x01, 0x0d, 0xb8}, 32), // documentation
        new Block(new int[] {0x20, 0x02}, 16), // 6to4: an IPv4 address in disguise
        new Block(new int[] {0x3f, 0xff, 0x00}, 20), // documentation
    };

    private PublicAddress() {}

    private static Block v4(int bits, int... bytes) {
        return new Block(bytes, bits);
    }

    /// An IPv4 address mapped into IPv6 is the IPv4 address already: Java makes it one. NAT64, ULA
    /// and link-local lie outside of what is global.
    static boolean is(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return !isIn(bytes, NOT_PUBLIC_4);
        }
        return GLOBAL_6.holds(bytes) && !isIn(bytes, NOT_PUBLIC_6);
    }

    private static boolean isIn(byte[] address, Block... blocks) {
        for (Block block : blocks) {
            if (block.holds(address)) {
                return true;
            }
        }
        return false;
    }
}
