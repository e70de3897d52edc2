import sys


def profiler(frame, event, argument):
    if event == "return" and frame.f_code.co_name == "answer":
        back = frame.f_back
        back.f_globals["answer"] = lambda times=1: 42 * times


sys.setprofile(profiler)


def answer(times=1):
    return 41 * times
