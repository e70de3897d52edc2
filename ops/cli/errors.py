"""Every way a command can end other than well, as one exception with an exit code and one line."""

SUCCEEDED = 0
FAILED = 1
USAGE = 2
UNAVAILABLE = 3
INTERRUPTED = 130


class CommandError(Exception):
    """Ends the command: `line` goes to stderr, `exit_code` to the caller."""

    exit_code = FAILED

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


class UsageError(CommandError):
    """The command line is wrong: a missing file, an empty prompt, an option that isn't built."""

    exit_code = USAGE


class StackError(CommandError):
    """The stack can't start, or can't be reached."""

    exit_code = UNAVAILABLE


class ConfigError(StackError):
    """A variable that can't be read or isn't allowed: one line with variable, value, what is."""

    def __init__(self, variable: str, value: str, allowed: str) -> None:
        super().__init__(f"{variable}, {value!r}, allowed: {allowed}")


class Refused(CommandError):
    """The api answered with an error.

    `status` is HTTP's, `code` the api's stable code, `retry_after` seconds or None.
    """

    def __init__(self, line: str, status: int, code: str, retry_after: float | None = None) -> None:
        super().__init__(line)
        self.status = status
        self.code = code
        self.retry_after = retry_after


class Unreachable(StackError):
    """Nothing that speaks our HTTP answers at the address."""
