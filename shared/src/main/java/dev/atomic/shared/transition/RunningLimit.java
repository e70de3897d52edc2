package dev.atomic.shared.transition;

import dev.atomic.db.Dialect;
import dev.atomic.shared.job.HeldJobs;
import dev.atomic.shared.job.JobStore.Claimed;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.job.WaitingJobs.NextJobs;
import dev.atomic.shared.job.WaitingJobs.Offered;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.tenant.TenantQueues;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Most jobs of a tenant that run at once, and the `tenant_running` table.
///
/// How many run is counted anew for each claim, under the lock of the tenant's row: it is what the
/// jobs' rows say, so there is no count that a crash could leave wrong. A claim that meets jobs of
/// a tenant at its limit holds them back, so that no other claim meets them; whatever ends one of
/// its running jobs lets the next one in, in the same transaction and under the same lock. So each
/// job is held back and let in about once, however often others claim.
///
/// While jobs of a tenant are held back, those that run and those that may be claimed are together
/// as many as may run. What is let in too many is held back again by the next claim. Where they are
/// too few (the limit was changed), [#letMissedIn()] mends it.
///
/// What is let in has no turn of the past: else a tenant that was held back for long would go
/// before everybody until it has caught up. It gets the turn that is claimed now, or the one after
/// the last that was let in, whichever is later, as a tenant that had nothing waiting.
///
/// Locks are taken in this order, so that nobody deadlocks: running jobs, this table by tenant,
/// [dev.atomic.shared.tenant.TenantDays], waiting jobs by tenant. Claims wait for no waiting job.
///
/// Takes part in the caller's transaction. Thread-safe.
public final class RunningLimit {
    /// How many jobs are looked through for those to be held back, once one is found. A tenant that
    /// submits 100,000 has them held back with 100 claims.
    private static final int LOOKED_THROUGH = 1_000;

    private static final String TAKE_TURNS =
            "update tenant_running set next_turn = greatest(next_turn, coalesce("
                    + TenantQueues.CLAIMED_NOW
                    + ", 0)) + :jobs where tenant_id = :tenant";

    private static final String ADD =
            """
            insert into tenant_running (tenant_id)
            select cast(:tenant as varchar(64))
            where not exists (select 1 from tenant_running where tenant_id = :tenant)
            """;

    private final JdbcClient jdbc;
    private final WaitingJobs waiting;
    private final HeldJobs held;
    private final Signals signals;
    private final int most;
    private final String takeTurns;
    private final String add;

    public RunningLimit(
            JdbcClient jdbc,
            WaitingJobs waiting,
            HeldJobs held,
            Signals signals,
            TenantLimits limits,
            Dialect dialect) {
        this.jdbc = jdbc;
        this.waiting = waiting;
        this.held = held;
        this.signals = signals;
        this.most = limits.maxRunning();
        this.takeTurns = dialect.returning(TAKE_TURNS, "next_turn");
        this.add =
                switch (dialect) {
                    case H2 -> ADD;
                    case POSTGRESQL -> ADD + " on conflict do nothing";
                };
    }

    private boolean isUnset() {
        return most == 0;
    }

    /// Claims the delivered jobs that go next and may run.
    ///
    /// @param jobs 1 or more
    NextJobs claimNext(int jobs, UUID worker) {
        return isUnset() ? waiting.claimNext(jobs, worker) : claimWithin(jobs, worker);
    }

    private NextJobs claimWithin(int jobs, UUID worker) {
        int looked = jobs * WaitingJobs.CANDIDATES;
        List<Offered> offered = waiting.offered(looked);
        if (offered.isEmpty()) {
            return new NextJobs(List.of(), false);
        }
        Map<String, Integer> free =
                free(offered.stream().map(Offered::tenant).collect(Collectors.toSet()));
        List<UUID> next = new ArrayList<>();
        Set<String> full = new HashSet<>();
        for (Offered job : offered) {
            if (free.getOrDefault(job.tenant(), 0) <= 0) {
                full.add(job.tenant());
            } else if (next.size() < jobs) {
                free.merge(job.tenant(), -1, Integer::sum);
                next.add(job.id());
            }
        }
        List<UUID> back = full.isEmpty() ? List.of() : beyond(full, next);
        Set<UUID> locked = new HashSet<>(waiting.lock(union(next, back)));
        List<Claimed> claimed =
                waiting.claim(next.stream().filter(locked::contains).toList(), worker);
        List<UUID> holds = back.stream().filter(locked::contains).toList();
        if (!holds.isEmpty()) {
            held.hold(holds);
        }
        boolean more =
                offered.size() == looked
                        || !offered.stream().map(Offered::id).allMatch(locked::contains);
        return new NextJobs(claimed, more);
    }

    /// The first waiting jobs of tenants that have no place free.
    private List<UUID> beyond(Set<String> full, List<UUID> next) {
        return waiting.offered(LOOKED_THROUGH).stream()
                .filter(job -> full.contains(job.tenant()) && !next.contains(job.id()))
                .map(Offered::id)
                .toList();
    }

    private static List<UUID> union(List<UUID> some, List<UUID> others) {
        List<UUID> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    /// How many more jobs each of these tenants may run, with their rows locked from now on.
    private Map<String, Integer> free(Collection<String> tenants) {
        lock(new TreeSet<>(tenants));
        // What others did before they gave the locks up is seen by this statement and no earlier.
        Map<String, Integer> running = held.running(tenants);
        Map<String, Integer> free = new HashMap<>();
        tenants.forEach(tenant -> free.put(tenant, most - running.getOrDefault(tenant, 0)));
        return free;
    }

    private void lock(SortedSet<String> tenants) {
        SortedSet<String> missing = new TreeSet<>(tenants);
        missing.removeAll(lockThere(tenants));
        if (missing.isEmpty()) {
            return;
        }
        for (String tenant : missing) {
            try {
                jdbc.sql(add).param("tenant", tenant).update();
            } catch (DuplicateKeyException e) {
                // On H2, by another at this moment.
            }
        }
        lockThere(missing);
    }

    private List<String> lockThere(Set<String> tenants) {
        return jdbc.sql(
                        """
                        select tenant_id from tenant_running where tenant_id in (:tenants)
                        order by tenant_id for update
                        """)
                .param("tenants", tenants)
                .query((row, _) -> row.getString("tenant_id"))
                .list();
    }

    /// Whether a waiting job is held back, so that it leaves no place when it is cancelled. Nobody
    /// lets it in from now on.
    boolean holds(String tenant, UUID job) {
        if (isUnset()) {
            return false;
        }
        lock(new TreeSet<>(Set.of(tenant)));
        return held.isHeld(job);
    }

    /// Places that jobs leave in this transaction, of each tenant; their rows are locked.
    ///
    /// @param jobs how many
    /// @param turn the first that who takes them may have
    record Left(int jobs, long turn) {}

    /// Takes the locks that [#letIn(SortedMap)] needs.
    ///
    /// @param places how many each tenant's jobs leave
    SortedMap<String, Left> leave(SortedMap<String, Integer> places) {
        return isUnset() ? new TreeMap<>() : takeTurns(places);
    }

    private SortedMap<String, Left> takeTurns(SortedMap<String, Integer> places) {
        if (places.size() > 1) {
            // In the database's order, which isn't Java's.
            lockThere(places.keySet());
        }
        SortedMap<String, Left> left = new TreeMap<>();
        places.forEach((tenant, jobs) ->
                jdbc.sql(takeTurns)
                        .param("tenant", tenant)
                        .param("jobs", jobs)
                        .query(Long.class)
                        .optional()
                        // Without a row nobody has claimed under the limit, and none of
                        // its jobs is held back.
                        .ifPresent(next -> left.put(tenant, new Left(jobs, next - jobs))));
        return left;
    }

    /// Lets the tenants' next jobs take these places, and wakes the workers when that is committed.
    ///
    /// @return how many there were
    int letIn(SortedMap<String, Left> places) {
        Set<UUID> in = new HashSet<>();
        places.forEach((tenant, left) -> in.addAll(held.letIn(tenant, left.jobs(), left.turn())));
        if (!in.isEmpty()) {
            signals.raiseOnCommit(Signals.Channel.WORK, in);
        }
        return in.size();
    }

    /// Lets in what is held back without need, because the limit was changed or not everybody knew
    /// of it. For one of all workers, now and then.
    ///
    /// @return whether there may be more
    public boolean letMissedIn() {
        SortedSet<String> tenants = held.tenants();
        if (tenants.isEmpty()) {
            return false;
        }
        SortedMap<String, Integer> places = new TreeMap<>();
        if (isUnset()) {
            tenants.forEach(tenant -> places.put(tenant, LOOKED_THROUGH));
            return letIn(takeTurns(places)) >= LOOKED_THROUGH;
        }
        free(tenants)
                .forEach((tenant, free) -> {
                    if (free > 0) {
                        places.put(tenant, free);
                    }
                });
        letIn(takeTurns(places));
        return false;
    }
}
