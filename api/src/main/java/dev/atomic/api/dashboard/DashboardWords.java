package dev.atomic.api.dashboard;

import dev.atomic.shared.queue.Deliveries;
import java.util.Map;
import java.util.regex.Pattern;

/// What the dashboard's scripts say and offer, changed to what is so here: nothing can be done from
/// it, what succeeded is listed for [Deliveries#KEPT] only, and each delivery is of a job.
///
/// The scripts are somebody else's, without spaces and with names that change; a test looks for
/// every change in those of the version that is used.
final class DashboardWords {
    private static final String KEPT = Deliveries.KEPT.toMinutes() + " minutes";

    /// Buttons for what is refused, in the page of one delivery. In their place stands a link to
    /// its job. The first group is the delivery's variable, the second what makes an element, the
    /// third what makes a button.
    private static final Pattern BUTTONS =
            Pattern.compile(
                    "(\"Job Id: \",(\\w+)\\.id]}.{0,200}?)\\[\"ENQUEUED\"!==\\w+\\.state&&"
                            + "(\\(0,\\w+\\.jsx\\))\\((\\w+\\.\\w+),.{0,600}?children:\"Requeue\"}\\),"
                            + ".{0,600}?children:\"Delete\"}\\)]");

    private static final String LINK =
            "$1[$3($4,{variant:\"outlined\",color:\"primary\",id:\"job-link\",href:\"/#/jobs/\""
                    + ".concat($2.jobDetails.jobParameters[0].object.jobId),"
                    + "children:\"Open the job in the console\"})]";

    /// What the page counts beside "Jobs": only those that wait.
    private static final Pattern WAITING =
            Pattern.compile("stat:(\\w+)\\.enqueued,id:\"jobs-btn\"");

    private static final String UNDER_WAY =
            "stat:null==$1.enqueued?void 0:$1.enqueued+$1.processing,id:\"jobs-btn\"";

    private static final Map<String, String> TEXTS =
            Map.of(
                    "text:\"Jobs\",", "text:\"Under way\",",
                    "label:\"Succeeded\"", "label:\"Succeeded, last " + KEPT + "\"",
                    "label:\"Deleted\"", "label:\"Deleted, last " + KEPT + "\"",
                    "return\"Succeeded jobs\"",
                            "return\"Deliveries that succeeded in the last " + KEPT + "\"",
                    "return\"Deleted jobs\"",
                            "return\"Deliveries deleted in the last " + KEPT + "\"",
                    "\"No jobs found\"",
                            "\"No deliveries here. Those that succeeded are listed for "
                                    + KEPT
                                    + "; the console has all jobs.\"",
                    "\" jobs with \"",
                            "\" deliveries so far; those that succeeded are listed for "
                                    + KEPT
                                    + ". Made with \"");

    private DashboardWords() {}

    static String change(String script) {
        String changed = BUTTONS.matcher(script).replaceAll(LINK);
        changed = WAITING.matcher(changed).replaceAll(UNDER_WAY);
        for (Map.Entry<String, String> text : TEXTS.entrySet()) {
            changed = changed.replace(text.getKey(), text.getValue());
        }
        return changed;
    }
}
