"""What either end accepts of the other, and what it says when that is exceeded."""

FRAME_BYTES = 16 * 1024 * 1024
# Nesting of one value. JSON's own reader goes deeper, and refuses what is too deep for it.
DEPTH = 64
# Brackets in a frame: each becomes a list of 56 bytes before anything can be counted otherwise.
LISTS = 500_000
FRAMES = 1_000_000
# Requests under way, one inside the other: a callback that calls the program, and so on.
NESTING = 120
CONTAINERS = 100_000
CLASSES = 20_000
REFERENCES = 1_000_000
# Seconds that one frame may take, thinking included. The run's own end comes much earlier.
PATIENCE = 900.0
# Seconds in which a judge and its subject have to find each other.
CONNECTING = 20.0
# Seconds in which the other end, which has nothing else to do then, has to take a frame.
TAKING = 20.0
REASON_CHARS = 240


class Broken(BaseException):
    """The other end is gone or has broken the rules; there is no going on.

    No Exception: a test that expects some error must not take it for one.
    """


class Uncarried(TypeError):
    """A value that can't cross; the text says which and why."""
