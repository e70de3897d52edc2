"""Reports on a CSV of sales: totals by any column."""

import argparse
import csv
import io
import json
import sys
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

EXAMPLE = """\
product,region,quantity,price
Lamp,North,2,19.99
Chair,South,1,89.00
Lamp,South,3,18.50
Desk,North,1,240.00
"""
NEEDED = ("quantity", "price")


class UnusableFile(Exception):
    """The file can't be reported on at all."""


@dataclass(frozen=True)
class Sale:
    fields: dict
    quantity: int
    price: Decimal

    @property
    def revenue(self):
        return self.quantity * self.price


@dataclass(frozen=True)
class Problem:
    line: int
    reason: str


@dataclass
class Line:
    """One line of the report. `share` is of the whole revenue, in per cent."""

    name: str
    sales: int = 0
    units: int = 0
    revenue: Decimal = Decimal(0)
    share: Decimal = Decimal(0)

    def add(self, sale):
        self.sales += 1
        self.units += sale.quantity
        self.revenue += sale.revenue


def read_sales(stream, by):
    """Yields a Sale or a Problem for each row. Raises UnusableFile."""
    reader = csv.DictReader(stream, skipinitialspace=True)
    header = [(name or "").strip().lstrip("\ufeff") for name in reader.fieldnames or []]
    reader.fieldnames = header
    missing = [name for name in (*NEEDED, by) if name not in header]
    if missing:
        raise UnusableFile(f"there is no column {missing[0]}")
    for row in reader:
        yield parse_row(row, reader.line_num)


def parse_row(row, line):
    if None in row or None in row.values():
        return Problem(line, "another number of fields than the header")
    try:
        quantity = int(row["quantity"])
    except ValueError:
        return Problem(line, f"quantity is {row['quantity']!r}")
    try:
        price = Decimal(row["price"].strip())
    except InvalidOperation:
        return Problem(line, f"price is {row['price']!r}")
    if quantity < 1:
        return Problem(line, "quantity is below 1")
    if not price.is_finite() or price < 0 or price.as_tuple().exponent < -2:
        return Problem(line, f"price is {row['price']!r}")
    return Sale({name: value.strip() for name, value in row.items()}, quantity, price)


def report(sales, by):
    """The lines by a column, the highest revenue first, and the total."""
    lines, total = {}, Line("total")
    for sale in sales:
        lines.setdefault(sale.fields[by], Line(sale.fields[by])).add(sale)
        total.add(sale)
    for line in (*lines.values(), total):
        if total.revenue:
            line.share = (100 * line.revenue / total.revenue).quantize(Decimal("0.1"))
    ordered = sorted(lines.values(), key=lambda line: (-line.revenue, line.name))
    return ordered, total


def cells(line):
    return [line.name, str(line.sales), str(line.units), f"{line.revenue:.2f}", f"{line.share}"]


def as_text(lines, total, by):
    rows = [[by, "sales", "units", "revenue", "%"], *map(cells, lines), cells(total)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    printed = []
    for row in rows:
        numbers = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))
        printed.append("  ".join([row[0].ljust(widths[0]), *numbers]))
    rule = "-" * len(printed[0])
    return "\n".join([printed[0], rule, *printed[1:-1], rule, printed[-1]])


def as_markdown(lines, total, by):
    def row(values):
        return "| " + " | ".join(value.replace("|", "\\|") for value in values) + " |"

    head = [row([by, "sales", "units", "revenue", "%"]), "|---|---:|---:|---:|---:|"]
    return "\n".join([*head, *(row(cells(line)) for line in (*lines, total))])


def as_json(lines, total, by):
    def entry(line):
        return {"name": line.name, "sales": line.sales, "units": line.units,
                "revenue": f"{line.revenue:.2f}", "share_percent": float(line.share)}

    return json.dumps({"by": by, "lines": [entry(line) for line in lines],
                       "total": entry(total)}, indent=2, ensure_ascii=False)


FORMATS = {"text": as_text, "markdown": as_markdown, "json": as_json}


def run(stream, by, form, strict, out, err):
    """Prints the report; returns the exit code."""
    sales, problems = [], 0
    for item in read_sales(stream, by):
        if isinstance(item, Sale):
            sales.append(item)
            continue
        problems += 1
        print(f"line {item.line}: {item.reason}", file=err)
        if strict:
            return 1
    print(FORMATS[form](*report(sales, by), by), file=out)
    if problems:
        print(f"{problems} rows were left out", file=err)
    return 0


def main(arguments=None, out=None, err=None):
    parser = argparse.ArgumentParser(description="Totals of a CSV of sales.")
    parser.add_argument("file", nargs="?", help="a CSV file; without one an example is used")
    parser.add_argument("--by", default="product", help="the column to total by")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--strict", action="store_true", help="end at the first bad row")
    options = parser.parse_args(arguments)
    out, err = out or sys.stdout, err or sys.stderr
    try:
        if options.file is None:
            stream = io.StringIO(EXAMPLE)
        else:
            stream = open(options.file, newline="", encoding="utf-8-sig")
        with stream:
            return run(stream, options.by, options.format, options.strict, out, err)
    except (UnusableFile, OSError, UnicodeDecodeError) as problem:
        print(f"{options.file or 'example'}: {problem}", file=err)
        return 2


if __name__ == "__main__":
    sys.exit(main())
