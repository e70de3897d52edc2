package dev.atomic.worker.webhook;

import dev.atomic.shared.Variables;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.upkeep.MaintenanceTurns;
import dev.atomic.shared.webhook.WebhookRules;
import dev.atomic.shared.webhook.WebhookSecrets;
import dev.atomic.shared.webhook.WebhookStore;
import dev.atomic.worker.maintenance.Upkeep;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Clock;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.SSLSocketFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class WebhookConfiguration {
    @Bean
    WebhookDelivery webhookDelivery(
            Variables variables,
            MaintenanceTurns turns,
            WebhookStore webhooks,
            JobStore jobs,
            WebhookSecrets secrets,
            ScheduledExecutorService timer,
            Upkeep upkeep,
            Clock clock,
            WorkerMeters meters) {
        WebhookDelivery delivery =
                new WebhookDelivery(
                        turns,
                        webhooks,
                        jobs,
                        secrets,
                        new WebhookSender(
                                WebhookRules.from(variables),
                                (SSLSocketFactory) SSLSocketFactory.getDefault(),
                                timer),
                        timer,
                        clock,
                        meters);
        delivery.start(upkeep);
        return delivery;
    }
}
