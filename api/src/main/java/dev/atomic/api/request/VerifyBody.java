package dev.atomic.api.request;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.VerifyKind;
import dev.atomic.shared.verify.VerifyPolicy;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `verify`: how code is to be proved.
///
/// @param policy null when it wasn't given
/// @param files the caller's tests
record VerifyBody(
        @Nullable VerifyPolicy policy,
        VerifyKind kind,
        List<SourceFile> files,
        List<String> command,
        Checks checks) {
    private static final VerifyBody NONE =
            new VerifyBody(null, VerifyKind.AUTO, List.of(), List.of(), Checks.NONE);

    private static final Set<String> FIELDS =
            Set.of(
                    "policy",
                    "kind",
                    "files",
                    "command",
                    "cases",
                    "requests",
                    "evidence",
                    "stop_on_failure");

    /// @param files reads all files of the body
    static VerifyBody read(Fields body, InputFiles files) {
        Fields verify = body.object("verify");
        if (verify == null) {
            return NONE;
        }
        verify.only(FIELDS);
        VerifyPolicy policy =
                verify.choice("policy", List.of(VerifyPolicy.values()), VerifyPolicy::wire);
        VerifyKind kind = verify.choice("kind", List.of(VerifyKind.values()), VerifyKind::wire);
        List<SourceFile> tests = files.read(verify, "files");
        List<String> command = Argv.command(verify);
        Checks checks = checks(verify, files);
        refuseWhatCannotBe(verify, kind == null ? VerifyKind.AUTO : kind, checks);
        return new VerifyBody(
                policy, kind == null ? VerifyKind.AUTO : kind, tests, command, checks);
    }

    private static Checks checks(Fields verify, InputFiles files) {
        Evidence evidence =
                verify.choice(
                        "evidence", List.of(Evidence.REPORTED, Evidence.ISOLATED), Evidence::wire);
        Boolean stop = verify.flag("stop_on_failure");
        return new Checks(
                evidence == Evidence.ISOLATED,
                CasesBody.read(verify, files),
                RequestsBody.read(verify),
                Boolean.TRUE.equals(stop));
    }

    private static void refuseWhatCannotBe(Fields verify, VerifyKind kind, Checks checks) {
        if (!checks.cases().isEmpty() && !checks.requests().isEmpty()) {
            verify.wrong("requests", "can't be combined with cases");
        }
        needs(verify, kind, VerifyKind.CASES, "cases", checks.cases().isEmpty());
        needs(verify, kind, VerifyKind.HTTP, "requests", checks.requests().isEmpty());
        if (checks.isolated() && kind != VerifyKind.AUTO && kind != VerifyKind.TESTS) {
            verify.wrong("evidence", "isolated needs tests, and kind " + kind.wire() + " has none");
        }
    }

    private static void needs(
            Fields verify, VerifyKind kind, VerifyKind decided, String list, boolean isEmpty) {
        if (kind == decided && isEmpty) {
            verify.wrong(list, "is missing or empty, but kind " + decided.wire() + " needs it");
        }
        if (kind != decided && kind != VerifyKind.AUTO && !isEmpty) {
            verify.wrong(list, "is for kind " + decided.wire() + ", not " + kind.wire());
        }
    }
}
