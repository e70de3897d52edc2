def answer(times=1):
    return 41 * times
