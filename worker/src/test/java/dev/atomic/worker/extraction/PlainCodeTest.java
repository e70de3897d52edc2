package dev.atomic.worker.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainCodeTest {
    @Test
    void aProgramOfEachLanguageIsCode() {
        Map.of(
                        "python",
                        "#!/usr/bin/env python3\nfrom x import y\n\n@dec\nclass A:\n    pass\n\nif __name__ =="
                                + " '__main__':\n    A()\nx = 1\nx += 2\nd[1] = 2\nraise SystemExit(0)\nassert x\ndel x\npass\n",
                        "javascript",
                        "const a = 1;\nfunction f() {\n  return 1;\n}\nconsole.log(f());\n",
                        "c",
                        "#include <stdio.h>\n\nint main(void)\n{\n    return 0;\n}\n",
                        "cpp",
                        "#include <iostream>\nusing namespace std;\ntemplate <typename T>\nT f(T a) { return a; }\nint"
                                + " main() {\n  cout << 1;\n}\n",
                        "bash",
                        "#!/bin/bash\nset -e\nname=x\nf() {\n  echo hi\n}\nf\nls -l | wc\nif true; then\n  f\nfi\n")
                .forEach((language, code) ->
                        assertThat(PlainCode.looksLike(code, language)).as(language).isTrue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " \n ",
                "Sure, here is the program you asked for.",
                "Here is it:\n\nprint(1)\n",
                "print(1)\nThis prints one.\n",
                "I'm sorry, but I can't help with that.",
                "1. Install it\n2. Run it\n"
            })
    void proseIsNotCode(String text) {
        for (String language : new String[] {"python", "javascript", "c", "cpp", "bash"}) {
            assertThat(PlainCode.looksLike(text, language)).as(language).isFalse();
        }
    }

    @Test
    void aLanguageNobodyCanJudgeIsNeverPlain() {
        assertThat(PlainCode.looksLike("fn main() {}\n", "rust")).isFalse();
    }
}
