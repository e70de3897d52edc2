package dev.atomic.shared;

import com.zaxxer.hikari.HikariConfig;
import dev.atomic.db.DatabaseSettings;
import dev.atomic.db.Dialect;
import dev.atomic.db.Migrations;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.LogPacker;
import dev.atomic.shared.file.FileContents;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.followup.FollowUpStore;
import dev.atomic.shared.job.HeldJobs;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.ListedJobs;
import dev.atomic.shared.job.StrandedJobs;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.model.ModelProviders;
import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.QueueStorage;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.tenant.TenantDays;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.tenant.TenantQueues;
import dev.atomic.shared.transition.RunningLimit;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.shared.upkeep.FinishedJobs;
import dev.atomic.shared.upkeep.JobTotals;
import dev.atomic.shared.upkeep.MaintenanceTurns;
import dev.atomic.shared.webhook.WebhookSecrets;
import dev.atomic.shared.webhook.WebhookStore;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Properties;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// The database as api and worker both see it: one pool, the tables' owners, the signals.
/// Transactions and the templates on the pool are Spring Boot's own.
@Configuration(proxyBeanMethods = false)
@Import({
    CheckpointStore.class,
    Deliveries.class,
    EventLog.class,
    FileContents.class,
    FileStore.class,
    FinishedJobs.class,
    FollowUpStore.class,
    HeldJobs.class,
    JobId.class,
    JobStore.class,
    JobTotals.class,
    ListedJobs.class,
    LogPacker.class,
    MaintenanceTurns.class,
    ModelProviders.class,
    QueueStorage.class,
    RunningLimit.class,
    StrandedJobs.class,
    TenantDays.class,
    TenantQueues.class,
    Transitions.class,
    UsageStore.class,
    WaitingJobs.class,
    WebhookSecrets.class,
    WebhookStore.class,
    WorkerRegistry.class
})
public class DatabaseConfiguration {
    /// @param variables put there by [Launch]
    @Bean
    DatabaseSettings databaseSettings(Variables variables) {
        return DatabaseSettings.from(variables.values());
    }

    @Bean
    TenantLimits tenantLimits(Variables variables) {
        return TenantLimits.from(variables);
    }

    @Bean
    Dialect dialect(DatabaseSettings settings) {
        return settings.dialect();
    }

    /// On PostgreSQL the first to come migrates, as long as that takes; H2's schema was made by its
    /// own process before it listened.
    ///
    /// @param patience each process has its own
    @Bean
    PatientPool dataSource(DatabaseSettings settings, DatabasePatience patience) {
        DataSource patient = unpooled(settings, new Properties());
        switch (settings.dialect()) {
            case H2 -> Migrations.validate(patient, Dialect.H2);
            case POSTGRESQL -> Migrations.migrate(patient, Dialect.POSTGRESQL);
        }
        Properties properties = patience.driverProperties(settings.dialect());
        if (settings.dialect() == Dialect.POSTGRESQL) {
            // A batch of JobRunr's inserts goes as one statement.
            properties.setProperty("reWriteBatchedInserts", "true");
        }
        HikariConfig config = new HikariConfig();
        config.setDataSource(unpooled(settings, properties));
        config.setMaximumPoolSize(16);
        config.setMinimumIdle(2);
        patience.apply(config, settings.dialect());
        config.setExceptionOverrideClassName(DeadConnections.class.getName());
        config.setPoolName("atomic");
        DataSource direct =
                unpooled(settings, patience.outsideThePool().driverProperties(settings.dialect()));
        return new PatientPool(config, direct, patience);
    }

    private static DataSource unpooled(DatabaseSettings settings, Properties properties) {
        DriverDataSource unpooled = new DriverDataSource();
        unpooled.setUrl(settings.url());
        unpooled.setUsername(settings.user());
        unpooled.setPassword(settings.password());
        unpooled.setConnectionProperties(properties);
        return unpooled;
    }

    /// In whole milliseconds, as the database keeps them: what was written compares equal to what
    /// is read back.
    @Bean
    Clock clock() {
        return Clock.tickMillis(ZoneOffset.UTC);
    }

    /// A listener hears nothing as long as nothing happens, but it tries its connection every 10 s.
    /// That has to be answered as soon as any other work.
    @Bean
    Signals signals(DataSource pooled, DatabaseSettings settings) {
        DataSource listening =
                unpooled(settings, DatabasePatience.OF_WORK.driverProperties(settings.dialect()));
        return Signals.of(settings.dialect(), pooled, listening);
    }
}
