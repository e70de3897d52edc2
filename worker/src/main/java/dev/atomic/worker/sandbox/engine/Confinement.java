package dev.atomic.worker.sandbox.engine;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Driver;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.api.model.VolumeOptions;
import com.github.dockerjava.api.model.VolumesFrom;
import dev.atomic.shared.verify.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// How a container is held: everything the engine is told about what it may do. The tests under
/// `ops/sandbox/tests` give the same to `docker run`.
///
/// Thread-safe.
final class Confinement {
    private static final long MIB = 1 << 20;
    private static final long OPEN_FILES = 1024;
    private static final long FILE_BYTES = 128 * MIB;

    /// Sizes in MiB and numbers of files of the three writable places, all of them memory.
    private static final int WORKSPACE_MB = 128;

    private static final int TMP_MB = 64;
    private static final int SHM_MB = 16;
    private static final int WORKSPACE_FILES = 16_384;
    private static final int TMP_FILES = 8_192;
    private static final int SHM_FILES = 1_024;

    /// Most bytes that a connection may have under way. With cgroup v1 the kernel's buffers don't
    /// count as the container's memory, and the bound on all of them is the whole machine's.
    /// `tcp_mem` has no namespace; `SO_SNDBUF` and `SO_RCVBUF` are without effect in the profile.
    private static final Map<String, String> SYSCTLS =
            Map.of(
                    "net.ipv4.tcp_rmem", "4096 65536 65536",
                    "net.ipv4.tcp_wmem", "4096 16384 65536");

    private final String seccomp;
    private final String runtime;

    private final Map<String, String> placeLabels;

    /// @param runtime empty for the engine's default
    /// @param placeLabels of the places in which two containers meet
    Confinement(String runtime, Map<String, String> placeLabels) {
        this.placeLabels = placeLabels;
        this.seccomp = resource("/sandbox/seccomp.json");
        this.runtime = runtime;
    }

    /// @param uid who it runs as, and whose its writable places are
    HostConfig of(Limits limits, int uid, Link link) {
        long memory = limits.memoryMb() * MIB;
        HostConfig config =
                HostConfig.newHostConfig()
                        .withNetworkMode("none")
                        .withIpcMode("private")
                        .withCapDrop(Capability.ALL)
                        .withSecurityOpts(List.of("no-new-privileges", "seccomp=" + seccomp))
                        .withReadonlyRootfs(true)
                        .withSysctls(SYSCTLS)
                        .withTmpFs(writablePlaces(limits.memoryMb(), uid))
                        .withMemory(memory)
                        .withMemorySwap(memory)
                        .withNanoCPUs(limits.cpuMillicores() * 1_000_000L)
                        .withPidsLimit((long) limits.pids())
                        .withUlimits(
                                List.of(
                                        new Ulimit("nofile", OPEN_FILES, OPEN_FILES),
                                        new Ulimit("fsize", FILE_BYTES, FILE_BYTES),
                                        new Ulimit("core", 0L, 0L),
                                        // /dev/mqueue is writable: no queue may be made there.
                                        new Ulimit("msgqueue", 0L, 0L)))
                        .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE))
                        // A container whose worker was killed ends by itself because its input
                        // ends. The engine then removes it.
                        .withAutoRemove(true);
        switch (link) {
            case Link.None _ -> {}
            case Link.Offered _ -> config.withMounts(List.of(meetingPlace(uid)));
            case Link.To(String other) ->
                    config.withVolumesFrom(new VolumesFrom(other, AccessMode.ro));
        }
        return runtime.isEmpty() ? config : config.withRuntime(runtime);
    }

    /// In memory and without a name, so that it goes with the last container that has it. Others
    /// than its owner may pass through, which a connection needs.
    private Mount meetingPlace(int uid) {
        return new Mount()
                .withType(MountType.VOLUME)
                .withTarget(Link.PLACE)
                .withVolumeOptions(
                        new VolumeOptions()
                                .withNoCopy(true)
                                .withLabels(placeLabels)
                                .withDriverConfig(
                                        new Driver()
                                                .withName("local")
                                                .withOptions(
                                                        Map.of(
                                                                "type", "tmpfs",
                                                                "device", "tmpfs",
                                                                "o", meetingPlaceOptions(uid)))));
    }

    private static String meetingPlaceOptions(int uid) {
        return "size=64k,nr_inodes=8,mode=0711,nosuid,nodev,noexec,uid=%d,gid=%d"
                .formatted(uid, uid);
    }

    /// Sized so that all of them filled are at most half of the memory: else a full disk would look
    /// like an out-of-memory kill. `exec`, because programs are compiled there; `uid` and `gid`,
    /// because `mode` is ignored where the mount point exists.
    private static Map<String, String> writablePlaces(int memoryMb, int uid) {
        double share = Math.min(1, memoryMb / 2.0 / (WORKSPACE_MB + TMP_MB + SHM_MB));
        return Map.of(
                "/workspace", place(uid, WORKSPACE_MB, WORKSPACE_FILES, share),
                "/tmp", place(uid, TMP_MB, TMP_FILES, share),
                "/dev/shm", place(uid, SHM_MB, SHM_FILES, share));
    }

    private static String place(int uid, int megabytes, int files, double share) {
        long kilobytes = (long) (megabytes * 1024 * share);
        return "rw,exec,nosuid,nodev,uid=%d,gid=%d,size=%dk,nr_inodes=%d"
                .formatted(uid, uid, kilobytes, Math.max(256, (long) (files * share)));
    }

    private static String resource(String name) {
        try (InputStream in =
                Objects.requireNonNull(Confinement.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
