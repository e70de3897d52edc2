package dev.atomic.worker.extraction;

import java.util.Map;
import java.util.regex.Pattern;

/// Whether an answer without any code block is itself code. No parser for each language is at hand
/// outside the sandbox, so this asks for what every such file has and prose hasn't: that every
/// unindented line starts as a statement of the language does.
final class PlainCode {
    private static final Map<String, Pattern> STATEMENT =
            Map.of(
                    "python",
                    Pattern.compile(
                            "(#|@|import |from |def |class |async |if |for |while |with |try:|except|else|elif |finally|return"
                                    + "|print\\(|\"\"\"|'''|[)\\]}]|[A-Za-z_][\\w.]*\\s*([(=\\[]|[-+*/]=|: \\w+.*=)).*"),
                    "javascript",
                    Pattern.compile(
                            "(//|/\\*|\\*|#!|import |export |const |let |var |function |async |class |if |for |while |try"
                                    + "|return|['\"]use |[)\\]}]|[A-Za-z_$][\\w.$]*\\s*[(=\\[]).*"),
                    "c",
                    Pattern.compile(
                            "(//|/\\*|\\*|#|[{}]|[A-Za-z_][\\w *]*[\\w*]\\s*[(;=\\[{]|[A-Za-z_]\\w*:).*"),
                    "cpp",
                    Pattern.compile(
                            "(//|/\\*|\\*|#|[{}]|[A-Za-z_][\\w *:<>,&]*\\s*[(;=\\[{]|using |template ?<|namespace |class |struct |[A-Za-z_]\\w*:).*"),
                    "bash",
                    Pattern.compile(
                            "(#|set |if |for |while |case |function |echo |printf |local |export |[{}]|fi|done|esac|[a-z_]\\w*"
                                    + "(\\(\\)|=)).*"));

    private PlainCode() {}

    static boolean looksLike(String text, String language) {
        Pattern statement = STATEMENT.get(language);
        if (statement == null || text.isBlank()) {
            return false;
        }
        if (text.startsWith("#!")) {
            return true;
        }
        return text.lines()
                .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
                .allMatch(line -> statement.matcher(line).matches());
    }
}
