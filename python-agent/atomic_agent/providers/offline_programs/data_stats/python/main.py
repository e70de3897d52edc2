"""Describes a CSV of measurements."""

import argparse
import sys

import numpy as np
import pandas as pd

from stats import correlations, describe, fit_line, numeric, outliers


def example():
    """A table of heights and weights, the same one each time, with one outlier and one gap."""
    random = np.random.default_rng(7)
    height = random.normal(172, 8, 60).round(1)
    weight = (0.9 * height - 85 + random.normal(0, 6, 60)).round(1)
    table = pd.DataFrame({"height": height, "weight": weight, "team": ["red", "blue"] * 30})
    table.loc[10, "weight"] = 190.0
    table.loc[20, "height"] = np.nan
    return table


def text_report(table, fit=None):
    """The whole report. Raises ValueError for a table without numbers, KeyError for a column."""
    numbers = numeric(table)
    if numbers.empty:
        raise ValueError("there are no numbers in this table")
    parts = [f"{len(table)} rows", describe(table).round(3).to_string()]
    left_out = [str(name) for name in table.columns if name not in numbers.columns]
    if left_out:
        parts.append("left out: " + ", ".join(left_out))
    for name in numbers.columns:
        for row, value in outliers(numbers[name]).items():
            parts.append(f"outlier: {name} = {value:g} in row {row}")
    for first, second, r in correlations(table):
        parts.append(f"correlation: {first} and {second}, r = {r:+.3f}")
    if fit:
        x, y = fit
        line = fit_line(numbers[x], numbers[y])
        parts.append(f"fit: {y} = {line.slope:.4g} * {x} {line.intercept:+.4g} "
                     f"(R² = {line.r_squared:.3f})")
    return "\n".join(parts)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Describes a table of numbers.")
    parser.add_argument("file", nargs="?", help="a CSV file; without one an example is used")
    parser.add_argument("--fit", nargs=2, metavar=("X", "Y"), help="fit a line to two columns")
    options = parser.parse_args(arguments)
    try:
        table = pd.read_csv(options.file) if options.file else example()
        print(text_report(table, options.fit))
    except KeyError as problem:
        print(f"there is no numeric column {problem}", file=sys.stderr)
        return 2
    except (OSError, ValueError) as problem:
        print(str(problem).splitlines()[0], file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
