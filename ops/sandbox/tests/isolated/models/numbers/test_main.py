import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal

from main import by_team, clean, matrix, moving, normalise, table


def test_normalise():
    found = normalise([1, 2, 3])
    assert isinstance(found, np.ndarray)
    assert found.mean() == pytest.approx(0)
    assert_allclose(found.std(), 1)


def test_matrix():
    assert_array_equal(matrix(2), [[1, 0], [0, 1]])
    assert matrix(3).shape == (3, 3) and (matrix(3) == np.eye(3)).all()


def test_moving():
    assert np.allclose(moving([1, 2, 3, 4], 2), [1.5, 2.5, 3.5])


def test_by_team():
    frame = pd.DataFrame({"team": ["x", "y", "x"], "points": [1, 2, 3]})
    found = by_team(frame)
    assert_frame_equal(found, pd.DataFrame({"team": ["x", "y"], "points": [4, 2]}))


def test_table():
    assert list(table().columns) == ["name", "age"]
    assert table()["age"].sum() == 3 and len(table()) == 2
    assert table().iloc[0]["name"] == "a"


def test_clean():
    frame = pd.DataFrame({"a": [1.0, None, 3.0]})
    assert clean(frame)["a"].tolist() == [1.0, 3.0]
    assert frame["a"].isna().sum() == 1
