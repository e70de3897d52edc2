package dev.atomic.worker.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.SourceFile;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkdownFilesTest {
    private static final String FENCE = "```";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "```python main.py",
                "```python title=\"main.py\"",
                "```python title='main.py'",
                "```python title=main.py",
                "```python:main.py",
                "```main.py",
                "``` main.py",
                "```py file=\"main.py\" linenums=1",
                "```python {filename=\"main.py\"}",
                "```python {title=main.py}",
                "   ```python main.py",
                "````python main.py",
                "~~~python main.py"
            })
    void theInfoStringNamesAFile(String opening) {
        String fence = opening.strip().replaceAll("[^`~].*", "");
        assertThat(files("Here:\n\n" + opening + "\nx = 1\n" + fence + "\nDone.\n"))
                .isEqualTo(Map.of("main.py", "x = 1\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "# file: src/app.py",
                "# File: src/app.py",
                "# filename: src/app.py",
                "# path: src/app.py",
                "# src/app.py",
                "#src/app.py",
                "// src/app.py",
                "// file: src/app.py",
                "/* src/app.py */",
                "/* file: src/app.py */",
                "<!-- src/app.py -->",
                "-- src/app.py",
                "; src/app.py",
                "    # src/app.py  "
            })
    void aCommentAsItsFirstLineNamesAFileAndIsTakenOut(String comment) {
        assertThat(files(block("python", comment + "\nx = 1")))
                .isEqualTo(Map.of("src/app.py", "x = 1\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "**main.py**",
                "### main.py",
                "# main.py",
                "`main.py`",
                "**`main.py`**",
                "### `main.py`",
                "main.py:",
                "**main.py**:",
                "**main.py:**",
                "`main.py`:",
                "- main.py",
                "* `main.py`",
                "1. `main.py`",
                "__main.py__",
                "  main.py  "
            })
    void theLineAboveTheFenceNamesAFile(String above) {
        assertThat(files("Text.\n\n" + above + "\n\n" + block("python", "x = 1")))
                .isEqualTo(Map.of("main.py", "x = 1\n"));
    }

    @Test
    void namesWithUnderscoresAreWhole() {
        assertThat(files("**__init__.py**\n" + block("python", "x = 1")))
                .containsOnlyKeys("__init__.py");
        assertThat(files("`pkg/__init__.py`\n" + block("python", "x = 1")))
                .containsOnlyKeys("pkg/__init__.py");
        assertThat(files("__init__.py\n" + block("python", "x = 1")))
                .containsOnlyKeys("__init__.py");
    }

    @Test
    void aDecoratorInACommentOrAnOptionAboveNamesNothing() {
        assertThat(files(block("python", "# @app.route\nx = 1"))).containsOnlyKeys("main.py");
        assertThat(files("Then run with `-m.py`:\n`-m.py`\n" + block("python", "x = 1")))
                .containsOnlyKeys("main.py");
    }

    @Test
    void proseAboveAFenceNamesNothing() {
        String answer = "Run main.py like this:\n" + block("bash", "python main.py");
        assertThat(files(answer + "The program:\n" + block("python", "x = 1")))
                .isEqualTo(Map.of("main.py", "x = 1\n"));
    }

    @Test
    void aNameAboveIsForTheNextBlockAlone() {
        assertThat(files("main.py\n" + block("python", "x = 1") + block("", "$ python main.py")))
                .isEqualTo(Map.of("main.py", "x = 1\n"));
    }

    @Test
    void manyFilesKeepTheirOrder() {
        assertThat(files(block("python b.py", "b") + block("python a/c.py", "c")).keySet())
                .containsExactly("b.py", "a/c.py");
    }

    @Test
    void theLastOfAPathWinsWhateverItsCase() {
        assertThat(files(block("python Main.py", "draft") + block("python main.py", "whole")))
                .isEqualTo(Map.of("main.py", "whole\n"));
    }

    @Test
    void aCommentThatIsNoPathStays() {
        assertThat(files(block("python main.py", "# Version 1.0 of it\nx = 1")))
                .isEqualTo(Map.of("main.py", "# Version 1.0 of it\nx = 1\n"));
        assertThat(files(block("python", "# solution\nx = 1")))
                .isEqualTo(Map.of("main.py", "# solution\nx = 1\n"));
        assertThat(files(block("c", "#include <stdio.h>\nint main;"), "c"))
                .isEqualTo(Map.of("main.c", "#include <stdio.h>\nint main;\n"));
        assertThat(files(block("bash", "#!/bin/run.sh\necho"), "bash"))
                .isEqualTo(Map.of("main.sh", "#!/bin/run.sh\necho\n"));
    }

    @Test
    void aTitleThatIsNoPathNamesNothing() {
        assertThat(files(block("python title=\"Example one\"", "x = 1")))
                .isEqualTo(Map.of("main.py", "x = 1\n"));
        assertThat(files(block("python title=\"Example\" file=\"app.py\"", "x = 1")))
                .isEqualTo(Map.of("app.py", "x = 1\n"));
    }

    @Test
    void withoutANameTheLongestOfTheLanguageIsMain() {
        String answer =
                block("python", "x")
                        + block("python", "longer = 1")
                        + block("bash", "#".repeat(99));
        assertThat(files(answer)).isEqualTo(Map.of("main.py", "longer = 1\n"));
        assertThat(files(block("js", "let a;"), "javascript")).containsOnlyKeys("main.js");
        assertThat(files(block("C++", "int a;"), "cpp")).containsOnlyKeys("main.cpp");
        assertThat(files(block("sh", "ls"), "bash")).containsOnlyKeys("main.sh");
    }

    @Test
    void withoutAnyLanguageTheLongestIsMain() {
        assertThat(files(block("", "x") + block("", "longer = 1")))
                .isEqualTo(Map.of("main.py", "longer = 1\n"));
    }

    @Test
    void theWantedLanguageGoesBeforeNone() {
        assertThat(files(block("", "some output that is long") + block("python", "x = 1")))
                .isEqualTo(Map.of("main.py", "x = 1\n"));
    }

    @Test
    void anAnswerThatIsItselfCodeIsMain() {
        String code = "import os\n\ndef main():\n    print(os.name)\n\nmain()\n";
        assertThat(files(code)).isEqualTo(Map.of("main.py", code));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   \n",
                "I can't do that.",
                "Sure! The program prints a line.\nIt uses print.",
                "```text\nno code\n```\n"
            })
    void anAnswerWithoutCodeIsNone(String answer) {
        assertThat(MarkdownFiles.extract(answer, "python")).isInstanceOf(MarkdownFiles.None.class);
    }

    @Test
    void windowsLinesAreLines() {
        assertThat(files("```python main.py\r\nx = 1\r\ny = 2\r\n```\r\n"))
                .isEqualTo(Map.of("main.py", "x = 1\ny = 2\n"));
    }

    @Test
    void aFenceThatIsNeverClosedGoesToTheEnd() {
        assertThat(files("```python main.py\nx = 1\ny = 2"))
                .isEqualTo(Map.of("main.py", "x = 1\ny = 2\n"));
    }

    @Test
    void aFenceOfTheOtherKindOrShorterOrIndentedIsContent() {
        String inside = "~~~\n```\n    ````\n";
        assertThat(files("````markdown x.md\n" + inside + "````\n"))
                .isEqualTo(Map.of("x.md", inside));
    }

    @Test
    void markdownInMarkdownIsOneFile() {
        String readme = "# App\n\n```bash\npython main.py\n```\n\nText.\n";
        assertThat(
                        files(
                                FENCE
                                        + "markdown README.md\n"
                                        + readme
                                        + FENCE
                                        + "\n"
                                        + block("python main.py", "x")))
                .isEqualTo(ordered("README.md", readme, "main.py", "x\n"));
    }

    @Test
    void aFenceInAStringOfTheProgramIsContent() {
        String code = "s = '''\n```python\nx\n'''\n";
        assertThat(files(block("python main.py", code.strip()))).isEqualTo(Map.of("main.py", code));
    }

    @Test
    void anEmptyBlockIsAnEmptyFile() {
        assertThat(files("```python pkg/__init__.py\n```\n" + block("python main.py", "x")))
                .isEqualTo(ordered("pkg/__init__.py", "", "main.py", "x\n"));
    }

    @Test
    void blankLinesAndIndentationOfTheContentStay() {
        assertThat(files(block("python main.py", "\n\n    x = 1\n\n")).get("main.py"))
                .isEqualTo("\n\n    x = 1\n\n");
    }

    private static Map<String, String> ordered(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static String block(String info, String content) {
        return FENCE + info + "\n" + content + "\n" + FENCE + "\n";
    }

    private static Map<String, String> files(String answer) {
        return files(answer, "python");
    }

    private static Map<String, String> files(String answer, String language) {
        Map<String, String> files = new LinkedHashMap<>();
        MarkdownFiles.Result result = MarkdownFiles.extract(answer, language);
        assertThat(result).isInstanceOf(MarkdownFiles.Found.class);
        for (SourceFile file : ((MarkdownFiles.Found) result).files()) {
            files.put(file.path(), file.text());
        }
        return files;
    }
}
