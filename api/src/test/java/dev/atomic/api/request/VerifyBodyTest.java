package dev.atomic.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.Variables;
import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Exchange;
import dev.atomic.shared.verify.Match;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `verify` takes of cases and requests.
class VerifyBodyTest {
    private final ExecuteBody bodies = new ExecuteBody(ApiSettings.from(new Variables(Map.of())));

    @Test
    void aCaseHasItsFieldsAndItsDefaults() {
        Checks checks =
                read(
                        "'kind':'cases','stop_on_failure':true,'cases':[{'name':'n','args':['a'],'stdin':'i','exit_code':3,"
                                + "'files':[{'path':'d','content':'x'}],'stdout':'o','stderr':'e','match':'tokens',"
                                + "'tolerance':0.5,'timeout_seconds':0.25,'hidden':true},{}]");
        assertThat(checks.stopOnFailure()).isTrue();
        Case given = checks.cases().getFirst();
        assertThat(given.files()).hasSize(1);
        assertThat(given)
                .usingRecursiveComparison()
                .ignoringFields("files")
                .isEqualTo(
                        new Case(
                                "n",
                                List.of("a"),
                                "i",
                                List.of(),
                                3,
                                "o",
                                "e",
                                Match.TOKENS,
                                0.5,
                                0.25,
                                true));
        Case plain = checks.cases().getLast();
        assertThat(plain.name()).isEqualTo("case 2");
        assertThat(plain.match()).isEqualTo(Match.TRIMMED);
        assertThat(plain.stdout()).isNull();
        assertThat(plain.exitCode()).isZero();
    }

    @Test
    void aRequestHasItsFieldsAndItsDefaults() {
        Checks checks =
                read(
                        "'requests':[{'method':'POST','path':'/a?b=c','json':{'x':1},'headers':{'X-A':'b'},"
                                + "'expect':{'status':201,'json':{'id':1},'headers':{'Location':'/a/1'},'contains':'z'}}]");
        Exchange given = checks.requests().getFirst();
        assertThat(given.name()).isEqualTo("POST /a?b=c");
        assertThat(given.body()).isEqualTo("{\"x\":1}");
        assertThat(given.headers())
                .containsEntry("Content-Type", "application/json")
                .containsEntry("X-A", "b");
        assertThat(given.expect().status()).isEqualTo(201);
        assertThat(given.expect().json()).isEqualTo("{\"id\":1}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "verify.cases | 'kind':'cases'",
                "verify.cases | 'kind':'cases','cases':[]",
                "verify.cases | 'kind':'run','cases':[{}]",
                "verify.cases | 'cases':{}",
                "verify.cases[0] | 'cases':[1]",
                "verify.cases[0].output | 'cases':[{'output':'x'}]",
                "verify.cases[0].exit_code | 'cases':[{'exit_code':256}]",
                "verify.cases[0].match | 'cases':[{'match':'fuzzy'}]",
                "verify.cases[0].tolerance | 'cases':[{'tolerance':1}]",
                "verify.cases[0].tolerance | 'cases':[{'match':'tokens','tolerance':-1}]",
                "verify.cases[0].stdout | 'cases':[{'match':'json','stdout':'{'}]",
                "verify.cases[0].stdout | 'cases':[{'match':'regex','stdout':'('}]",
                "verify.cases[0].stdout | 'cases':[{'match':'regex','stdout':'(a{1000}){1000}'}]",
                "verify.cases[0].stdout | 'cases':[{'match':'regex','stdout':'((a?){100}){100}'}]",
                "verify.cases[0].timeout_seconds | 'cases':[{'timeout_seconds':0}]",
                "verify.cases[0].hidden | 'cases':[{'hidden':'yes'}]",
                "verify.cases[0].files[0].path | 'cases':[{'files':[{'path':'../x','content':''}]}]",
                "verify.cases[0].files[0].path | 'cases':[{'files':[{'path':'@x','content':''}]}]",
                "verify.requests | 'kind':'http'",
                "verify.requests | 'cases':[{}],'requests':[{'method':'GET','path':'/','expect':{}}]",
                "verify.requests[0].method | 'requests':[{'path':'/','expect':{}}]",
                "verify.requests[0].method | 'requests':[{'method':'CONNECT','path':'/','expect':{}}]",
                "verify.requests[0].path | 'requests':[{'method':'GET','path':'a b','expect':{}}]",
                "verify.requests[0].expect | 'requests':[{'method':'GET','path':'/'}]",
                "verify.requests[0].json | 'requests':[{'method':'POST','path':'/','json':1,'body':'1','expect':{}}]",
                "verify.requests[0].headers.Content-Length | 'requests':[{'method':'GET','path':'/','headers':{'Content-Length':'1'},'expect':{}}]",
                "verify.requests[0].expect.status | 'requests':[{'method':'GET','path':'/','expect':{'status':100}}]",
                "verify.requests[0].expect.match | 'requests':[{'method':'GET','path':'/','expect':{'match':'json'}}]"
            })
    void refused(String field, String verify) {
        ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> read(verify));
        assertThat(refusal.code()).isEqualTo("invalid_request");
        assertThat(refusal.errors()).extracting(FieldError::field).contains(field);
    }

    @Test
    void thereAreBoundsOfNumberAndSize() {
        assertThat(read("'cases':[" + "{},".repeat(999) + "{}]").cases()).hasSize(1_000);
        assertRefused("'cases':[" + "{},".repeat(1_000) + "{}]", "verify.cases");
        String mib = "a".repeat(1 << 20);
        assertThat(read("'cases':[{'stdout':'" + mib + "'}]").cases()).hasSize(1);
        assertRefused("'cases':[{'stdout':'" + mib + "a'}]", "verify.cases[0].stdout");
        assertRefused(
                "'cases':[{'stdout':'" + "é".repeat(600_000) + "'}]", "verify.cases[0].stdout");
    }

    private void assertRefused(String verify, String field) {
        ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> read(verify));
        assertThat(refusal.errors()).extracting(FieldError::field).contains(field);
    }

    private Checks read(String verify) {
        String body =
                "{'language':'python','files':[{'path':'main.py','content':''}],'verify':{"
                        + verify
                        + "}}";
        byte[] json = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return bodies.read(JsonBody.parse(json)).run().checks();
    }
}
