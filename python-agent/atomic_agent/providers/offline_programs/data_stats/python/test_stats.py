import numpy as np
import pandas as pd
import pytest

from main import example, main, text_report
from stats import correlations, describe, fit_line, outliers


def test_a_column_is_described():
    row = describe(pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, np.nan], "t": list("abcde")})).loc["x"]
    assert (row["count"], row["missing"], row["mean"], row["median"]) == (4, 1, 2.5, 2.5)
    assert row["std"] == pytest.approx(1.2909944)
    assert (row["q1"], row["q3"], row["min"], row["max"]) == (1.75, 3.25, 1, 4)


def test_outliers_are_found_on_both_sides_with_their_rows():
    column = pd.Series([10, 11, 12, 11, 10, 100, -50, 11, 12])
    assert outliers(column).to_dict() == {5: 100, 6: -50}


def test_values_on_the_fence_are_no_outliers():
    column = pd.Series([-4.0, 2.0, 2.0, 4.0, 6.0, 6.0, 12.0])  # quartiles 2 and 6
    assert outliers(column).empty
    column.iloc[6] = 12.1
    assert outliers(column).tolist() == [12.1]
    assert outliers(pd.Series([1, 2, 1000])).empty


def test_correlations_come_strongest_first_and_skip_what_has_none():
    table = pd.DataFrame({"a": [1, 2, 3, 4], "b": [-1, -2, -3, -4], "c": [1, 3, 2, 4],
                          "constant": [5, 5, 5, 5], "gaps": [1, np.nan, np.nan, 2]})
    found = correlations(table)
    assert [(first, second) for first, second, _ in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found[0][2] == pytest.approx(-1)
    assert found[1][2] == pytest.approx(0.8)


def test_a_line_is_fitted_exactly_through_points_on_it():
    line = fit_line([0, 1, 2, 3], [1, 3, 5, 7])
    assert (line.slope, line.intercept) == (pytest.approx(2), pytest.approx(1))
    assert line.r_squared == pytest.approx(1)
    assert line.predict([10]).tolist() == pytest.approx([21])


def test_a_line_through_noise_agrees_with_numpys_own_fit():
    random = np.random.default_rng(1)
    x = random.uniform(0, 10, 200)
    y = 3 * x - 4 + random.normal(0, 1, 200)
    line = fit_line(x, y)
    assert [line.slope, line.intercept] == pytest.approx(np.polyfit(x, y, 1).tolist())
    assert 0.98 < line.r_squared < 1


def test_gaps_are_left_out_of_a_fit_and_one_x_is_refused():
    assert fit_line([0, 1, np.nan], [0, 1, 50]).slope == pytest.approx(1)
    with pytest.raises(ValueError):
        fit_line([2, 2, 2], [1, 2, 3])


def test_the_report_names_what_is_unusual():
    report = text_report(example(), ("height", "weight"))
    assert "left out: team" in report
    assert "outlier: weight = 190 in row 10" in report
    assert "correlation: height and weight, r = +0." in report
    assert "fit: weight = " in report


def test_the_example_is_always_the_same():
    assert example().equals(example())


def test_the_command_line_reads_a_file_and_refuses_in_one_line(tmp_path, capsys):
    path = tmp_path / "data.csv"
    path.write_text("x,y\n1,2\n2,4\n3,6\n", encoding="utf-8")
    assert main([str(path), "--fit", "x", "y"]) == 0
    assert "fit: y = 2 * x" in capsys.readouterr().out
    for content, arguments in (("", []), ("name\nada\n", []), ("x\n1\n", ["--fit", "x", "z"])):
        path.write_text(content, encoding="utf-8")
        assert main([str(path), *arguments]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main([str(tmp_path / "missing.csv")]) == 2
