"""Statistics of tables: descriptions, outliers, correlations, a fitted line."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Fit:
    """A line y = slope * x + intercept; `r_squared` is the part of y's variance it explains."""

    slope: float
    intercept: float
    r_squared: float

    def predict(self, x):
        return self.slope * np.asarray(x, dtype=float) + self.intercept


def numeric(table):
    """The numeric columns of a table; true and false aren't numbers here."""
    return table.select_dtypes(include="number", exclude="bool")


def describe(table):
    """One row a numeric column: count, missing, mean, std, min, quartiles, max."""
    numbers = numeric(table)
    quartiles = numbers.quantile([0.25, 0.5, 0.75])
    return pd.DataFrame({
        "count": numbers.count(),
        "missing": numbers.isna().sum(),
        "mean": numbers.mean(),
        "std": numbers.std(ddof=1),
        "min": numbers.min(),
        "q1": quartiles.loc[0.25],
        "median": quartiles.loc[0.5],
        "q3": quartiles.loc[0.75],
        "max": numbers.max(),
    })


def outliers(column, factor=1.5):
    """The values of a column far outside its quartiles (Tukey's fences), with their row labels."""
    values = column.dropna()
    if len(values) < 4:
        return values.iloc[0:0]
    quartile_1, quartile_3 = np.percentile(values, [25, 75])
    reach = factor * (quartile_3 - quartile_1)
    return values[(values < quartile_1 - reach) | (values > quartile_3 + reach)]


def correlations(table):
    """(column, column, Pearson's r) of every pair that has one, the strongest first."""
    numbers = numeric(table)
    found = []
    for position, first in enumerate(numbers.columns):
        for second in numbers.columns[position + 1:]:
            pair = numbers[[first, second]].dropna()
            if len(pair) < 3 or (pair.nunique() < 2).any():
                continue
            r = float(np.corrcoef(pair[first], pair[second])[0, 1])
            found.append((first, second, r))
    return sorted(found, key=lambda entry: -abs(entry[2]))


def fit_line(x, y):
    """The line through points by least squares. Raises ValueError for fewer than two distinct x."""
    points = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    points = points[np.isfinite(points).all(axis=1)]
    if len(np.unique(points[:, 0])) < 2:
        raise ValueError("a line needs at least two different x")
    design = np.column_stack([points[:, 0], np.ones(len(points))])
    (slope, intercept), *_ = np.linalg.lstsq(design, points[:, 1], rcond=None)
    residuals = points[:, 1] - (slope * points[:, 0] + intercept)
    spread = ((points[:, 1] - points[:, 1].mean()) ** 2).sum()
    r_squared = 1.0 if spread == 0 else 1 - (residuals ** 2).sum() / spread
    return Fit(float(slope), float(intercept), float(r_squared))
