import numpy as np
import pandas as pd


def normalise(values):
    array = np.asarray(values, dtype=float)
    return (array - array.mean()) / array.std()


def matrix(n):
    return np.eye(n)


def moving(values, width):
    return np.convolve(values, np.ones(width) / width, mode="valid")


def by_team(frame):
    return frame.groupby("team", as_index=False)["points"].sum()


def table():
    return pd.DataFrame({"name": ["a", "b"], "age": [1, 2]})


def clean(frame):
    return frame.dropna().reset_index(drop=True)
