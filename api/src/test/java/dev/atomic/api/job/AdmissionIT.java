package dev.atomic.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.db.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AdmissionIT {
    private static TestDatabase database;
    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        api = RunningApi.on(database, Map.of("ATOMIC_MAX_QUEUE_SIZE", "20"));
    }

    @AfterAll
    static void stop() {
        api.close();
        database.close();
    }

    @Test
    void anAcceptedJobCanBeReadAtOnce() throws Exception {
        var accepted = api.post("/api/jobs", "{\"prompt\":\"p\"}");
        System.out.println(accepted);
        assertThat(accepted.status()).isEqualTo(202);
        var read = api.get(accepted.header("Location"));
        assertThat(read.json()).isEqualTo(accepted.json());
        System.out.println(api.get("/nope"));
        System.out.println(api.get("/api/jobs/1"));
        System.out.println(api.send(api.request("/api/jobs/1").DELETE().build()));
        System.out.println(api.post("/api/jobs", "{\"prompt\":5,\"x\":1,\"files\":[{}]}"));
    }
}
