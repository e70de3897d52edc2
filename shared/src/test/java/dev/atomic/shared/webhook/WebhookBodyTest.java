package dev.atomic.shared.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.VerifyPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookBodyTest {
    private static final UUID ID = UUID.fromString("01a20267-d8c1-73b7-b2fb-1dbbc62deda4");

    @Test
    void ofAJobSaysItsIdAndHowItEnded() {
        for (Object metadata : new Object[] {"text", List.of(1)}) {
            Job job = job(Map.of("openai", metadata), JobState.FAILED);
            assertThat(WebhookBody.of(job, "msg_1"))
                    .isEqualTo("{\"id\":\"" + ID + "\",\"status\":\"failed\"}");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SUCCEEDED, response.completed",
        "FAILED, response.failed",
        "CANCELLED, response.cancelled"
    })
    void ofAResponseIsAnEvent(JobState state, String type) {
        Job job = job(Map.of("openai", Map.of("background", true)), state);
        assertThat(WebhookBody.of(job, "msg_1"))
                .isEqualTo(
                        """
                        {"id":"msg_1","object":"event","created_at":1800000000,"type":"%s","data":{"id":"resp_%s"}}\
                        """
                                .formatted(type, ID));
    }

    private static Job job(Map<String, Object> metadata, JobState state) {
        JobInput input =
                new JobInput(
                        "prompt",
                        "python",
                        null,
                        metadata,
                        List.of(StageName.values()),
                        VerifyPolicy.REQUIRED,
                        null,
                        null,
                        null,
                        null,
                        2,
                        900,
                        null,
                        null);
        Instant ended = Instant.ofEpochSecond(1_800_000_000);
        return new Job(
                ID,
                "default",
                "trace",
                new Job.Asked(Kind.GENERATE, Priority.NORMAL, input, 4, null, null),
                new Job.Course(state, 1, 0, 1, null, false, 5),
                new Job.Result(null),
                new Job.Times(ended.minusSeconds(9), null, null, ended, ended.plusSeconds(9)));
    }
}
