package dev.atomic.worker.sandbox.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.VolumesFrom;
import dev.atomic.shared.verify.Limits;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What the engine is told about a container.
class ConfinementTest {
    private final Confinement confinement = new Confinement("", Map.of("label", "1"));

    @Test
    void nothingIsLeftOpen() {
        HostConfig config = confinement.of(new Limits(512, 1500, 60, 64), 60_607, new Link.None());

        assertThat(config.getNetworkMode()).isEqualTo("none");
        assertThat(config.getCapDrop()).containsExactly(Capability.ALL);
        assertThat(config.getCapAdd()).isNull();
        assertThat(config.getBinds()).isNullOrEmpty();
        assertThat(config.getMounts()).isNull();
        assertThat(config.getVolumesFrom()).isNullOrEmpty();
        assertThat(config.getPrivileged()).isNull();
        assertThat(config.getReadonlyRootfs()).isTrue();
        assertThat(config.getSecurityOpts())
                .contains("no-new-privileges")
                .anyMatch(option -> option.startsWith("seccomp={") && option.contains("ERRNO"));
        assertThat(config.getMemorySwap()).isEqualTo(config.getMemory()).isEqualTo(512L << 20);
        assertThat(config.getNanoCPUs()).isEqualTo(1_500_000_000L);
        assertThat(config.getPidsLimit()).isEqualTo(64);
        assertThat(config.getLogConfig().getType().getType()).isEqualTo("none");
        assertThat(config.getAutoRemove()).isTrue();
        assertThat(config.getSysctls()).containsOnlyKeys("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem");
        assertThat(config.getTmpFs().values())
                .hasSize(3)
                .allMatch(place -> place.contains("uid=60607,gid=60607"));
    }

    @Test
    void twoThatAreConnectedShareASmallPlaceThatOnlyTheFirstMayWriteTo() {
        Limits limits = new Limits(512, 1500, 60, 64);
        HostConfig judge = confinement.of(limits, 60_607, new Link.Offered());
        HostConfig subject = confinement.of(limits, 60_608, new Link.To("judge"));

        Mount place = judge.getMounts().getFirst();
        assertThat(judge.getMounts()).hasSize(1);
        assertThat(place.getSource()).isNull();
        assertThat(place.getTarget()).isEqualTo("/run/atomic");
        assertThat(place.getVolumeOptions().getDriverConfig().getOptions())
                .containsEntry("type", "tmpfs")
                .hasEntrySatisfying(
                        "o",
                        options ->
                                assertThat(options)
                                        .contains("size=64k", "noexec", "mode=0711", "uid=60607"));
        assertThat(judge.getVolumesFrom()).isNullOrEmpty();
        assertThat(subject.getMounts()).isNull();
        assertThat(subject.getVolumesFrom())
                .containsExactly(new VolumesFrom("judge", AccessMode.ro));
        assertThat(subject.getNetworkMode()).isEqualTo("none");
    }

    @Test
    void writablePlacesAreNeverMoreThanHalfOfTheMemory() {
        for (int memory : new int[] {16, 32, 100, 256, 415, 416, 512, 4096}) {
            HostConfig config =
                    confinement.of(new Limits(memory, 1000, 60, 64), 60_607, new Link.None());
            long kilobytes =
                    config.getTmpFs().values().stream().mapToLong(ConfinementTest::size).sum();
            assertThat(kilobytes).isLessThanOrEqualTo((long) (Math.min(208, memory / 2.0) * 1024));
            assertThat(config.getTmpFs().values())
                    .allMatch(place -> place.contains("nr_inodes=") && place.contains("nodev"));
        }
    }

    private static long size(String options) {
        Matcher found = Pattern.compile("size=(\\d+)k").matcher(options);
        assertThat(found.find()).isTrue();
        return Long.parseLong(found.group(1));
    }
}
