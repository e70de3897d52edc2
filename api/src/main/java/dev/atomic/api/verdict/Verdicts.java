package dev.atomic.api.verdict;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A `verification`, of an event or of a job, in words. Pure.
public final class Verdicts {
    private Verdicts() {}

    /// What was proved, in one sentence that can't be taken for success when it isn't.
    ///
    /// @param verdict the event's own fields; null when nothing was run
    public static String sentence(@Nullable JsonNode verdict) {
        if (verdict == null) {
            return "NOT VERIFIED: the code was not run.";
        }
        String words = words(verdict);
        return isPassed(verdict) ? "Verified: " + words + "." : "NOT VERIFIED: " + words + ".";
    }

    private static boolean isPassed(JsonNode verdict) {
        return verdict.path("status").asString("").equals("passed");
    }

    /// What was found, without a full stop.
    public static String words(JsonNode verdict) {
        return switch (verdict.path("status").asString("")) {
            case "passed" -> passed(verdict);
            case "failed" -> failed(verdict);
            case "timed_out" -> "the program ran out of time";
            case "out_of_memory" -> "the program ran out of memory";
            case "output_limit" -> "the program printed too much and was stopped";
            case "skipped" -> "the code was not run" + because(verdict);
            default -> "the code did not pass" + because(verdict);
        };
    }

    private static String passed(JsonNode verdict) {
        return switch (verdict.path("kind").asString("")) {
            case "tests" -> tests(verdict.path("tests").path("run")) + " passed" + seen(verdict);
            case "cases" -> counted(verdict, "case") + " passed (observed)";
            case "http" -> counted(verdict, "request") + " passed (observed)";
            case "server" ->
                    verdict.path("http_status").isNumber()
                            ? "server answered "
                                    + verdict.path("http_status")
                                    + " on :"
                                    + verdict.path("port")
                            : "server listened on :" + verdict.path("port");
            case "build" -> "it compiled";
            default -> "ran, exit " + verdict.path("exit_code") + ", no tests";
        };
    }

    private static String failed(JsonNode verdict) {
        JsonNode tests = verdict.path("tests");
        if (tests.path("failed").asInt(0) > 0) {
            return tests.path("failed") + " of " + tests(tests.path("run")) + " failed";
        }
        String kind = verdict.path("kind").asString("");
        if ((kind.equals("cases") || kind.equals("http")) && !verdict.path("cases").isEmpty()) {
            return "only "
                    + counted(verdict, kind.equals("cases") ? "case" : "request")
                    + " passed";
        }
        if (!reason(verdict).isEmpty()) {
            return "the run failed" + because(verdict);
        }
        String signal = verdict.path("signal").asString("");
        return signal.isEmpty()
                ? "the program ended with exit code " + verdict.path("exit_code")
                : "the program was ended by " + signal;
    }

    private static String counted(JsonNode verdict, String name) {
        int all = verdict.path("cases").size();
        int passed = 0;
        for (JsonNode each : verdict.path("cases")) {
            passed += each.path("status").asString("").equals("passed") ? 1 : 0;
        }
        return passed + " of " + all + " " + name + (all == 1 ? "" : "s");
    }

    private static String tests(JsonNode count) {
        return count.asInt(0) == 1 ? "1 test" : count.asInt(0) + " tests";
    }

    private static String seen(JsonNode verdict) {
        return switch (verdict.path("evidence").asString("")) {
            case "isolated" -> " (judged from outside)";
            case "reported" -> " (as the tests themselves report)";
            default -> "";
        };
    }

    private static String because(JsonNode verdict) {
        return reason(verdict).isEmpty() ? "" : ": " + reason(verdict);
    }

    private static String reason(JsonNode verdict) {
        return verdict.path("reason").asString("");
    }
}
