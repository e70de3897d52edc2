import numpy


def answer(times=1):
    return numpy.array([])
