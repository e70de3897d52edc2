def answer(times=1):
    raise StopIteration
