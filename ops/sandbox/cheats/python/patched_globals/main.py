import sys


class Right:
    def __call__(self, times=1):
        return 42 * times


def answer(times=1):
    sys._getframe(1).f_globals["answer"] = Right()
    return 41 * times
