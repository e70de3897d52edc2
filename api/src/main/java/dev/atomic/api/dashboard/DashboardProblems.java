package dev.atomic.api.dashboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jobrunr.SevereJobRunrException;
import org.jobrunr.dashboard.ui.model.problems.CpuAllocationIrregularityProblem;
import org.jobrunr.dashboard.ui.model.problems.PollIntervalInSecondsTimeBoxIsTooSmallProblem;
import org.jobrunr.dashboard.ui.model.problems.Problem;
import org.jobrunr.dashboard.ui.model.problems.SevereJobRunrExceptionProblem;
import org.jobrunr.server.dashboard.CpuAllocationIrregularityNotification;
import org.jobrunr.server.dashboard.PollIntervalInSecondsTimeBoxIsTooSmallNotification;
import org.jobrunr.storage.JobRunrMetadata;
import org.jobrunr.storage.StorageProvider;

/// What JobRunr's servers have noted down as going wrong.
///
/// JobRunr's own `ProblemsManager` isn't used: it deletes some of the notes as it reads them, and
/// polls the database from then on.
final class DashboardProblems {
    private static final Map<String, Function<List<JobRunrMetadata>, Problem>> KINDS =
            Map.of(
                    SevereJobRunrException.class.getSimpleName(),
                    SevereJobRunrExceptionProblem::new,
                    CpuAllocationIrregularityNotification.class.getSimpleName(),
                    Cpu::new,
                    PollIntervalInSecondsTimeBoxIsTooSmallNotification.class.getSimpleName(),
                    PollInterval::new);

    private DashboardProblems() {}

    static List<Problem> of(StorageProvider queue) {
        List<Problem> problems = new ArrayList<>();
        KINDS.forEach((name, problem) -> {
            List<JobRunrMetadata> notes = queue.getMetadata(name);
            if (!notes.isEmpty()) {
                problems.add(problem.apply(notes));
            }
        });
        return problems;
    }

    /// Opens the constructor of JobRunr's.
    private static final class Cpu extends CpuAllocationIrregularityProblem {
        Cpu(List<JobRunrMetadata> notes) {
            super(notes);
        }
    }

    /// Opens the constructor of JobRunr's.
    private static final class PollInterval extends PollIntervalInSecondsTimeBoxIsTooSmallProblem {
        PollInterval(List<JobRunrMetadata> notes) {
            super(notes);
        }
    }
}
