import io
import json
from decimal import Decimal

import pytest

from main import Problem, Sale, UnusableFile, main, read_sales, report


def read(text, by="product"):
    return list(read_sales(io.StringIO(text), by))


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    code = main(list(arguments), out, err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / f"sales-{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(text, encoding=encoding)
        return str(path)
    return write


def test_totals_are_exact_and_ordered_by_revenue():
    lines, total = report(read("product,quantity,price\nA,3,0.10\nB,1,5.00\nA,1,0.20\n"), "product")
    assert [(line.name, line.sales, line.units, line.revenue) for line in lines] == [
        ("B", 1, 1, Decimal("5.00")), ("A", 2, 4, Decimal("0.50"))]
    assert total.revenue == Decimal("5.50")
    assert [line.share for line in lines] == [Decimal("90.9"), Decimal("9.1")]


def test_equal_revenues_are_ordered_by_name():
    lines, _ = report(read("product,quantity,price\nB,1,1\nA,1,1\n"), "product")
    assert [line.name for line in lines] == ["A", "B"]


@pytest.mark.parametrize("row, reason", [
    ("A,two,1.00", "quantity is 'two'"), ("A,0,1.00", "below 1"), ("A,1,cheap", "price is 'cheap'"),
    ("A,1,-1", "price is '-1'"), ("A,1,1.999", "price is '1.999'"), ("A,1,NaN", "price is 'NaN'"),
    ("A,1", "number of fields"), ("A,1,1,1", "number of fields"),
])
def test_a_bad_row_is_named_with_line_and_reason(row, reason):
    first, second = read(f"product,quantity,price\n{row}\nB,1,1\n")
    assert isinstance(first, Problem) and first.line == 2
    assert reason in first.reason
    assert isinstance(second, Sale)


def test_quotes_empty_lines_and_a_byte_order_mark_are_handled(file):
    path = file('product,quantity,price\n\n"Lamp, large",2,"1.50"\n', "utf-8-sig")
    code, out, err = run(path)
    assert (code, err) == (0, "")
    assert "Lamp, large      1      2     3.00" in out


def test_text_is_aligned_and_ends_with_the_total():
    code, out, _ = run("--by", "region")
    lines = out.splitlines()
    assert code == 0
    assert len({len(line) for line in lines}) == 1
    assert lines[-1].split() == ["total", "4", "7", "424.48", "100.0"]
    assert lines[2].split() == ["North", "2", "3", "279.98", "66.0"]


def test_markdown_escapes_its_own_signs(file):
    _, out, _ = run(file("product,quantity,price\na|b,1,1\n"), "--format", "markdown")
    assert "| a\\|b | 1 | 1 | 1.00 | 100.0 |" in out


def test_json_keeps_money_exact(file):
    _, out, _ = run(file("product,quantity,price\nA,3,0.10\n"), "--format", "json")
    assert json.loads(out)["total"]["revenue"] == "0.30"


def test_bad_rows_are_left_out_and_counted_or_end_a_strict_run(file):
    path = file("product,quantity,price\nA,x,1\nB,1,1\n")
    code, out, err = run(path)
    assert code == 0 and "B" in out
    assert err == "line 2: quantity is 'x'\n1 rows were left out\n"
    assert run(path, "--strict")[:2] == (1, "")


def test_what_can_not_be_reported_on_ends_with_one_line(file):
    for arguments in (["missing.csv"], [file("product,price\nA,1\n")], [file("")],
                      [file("product,quantity,price\nA,1,1\n"), "--by", "colour"]):
        code, out, err = run(*arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)
    with pytest.raises(UnusableFile):
        read("")


def test_no_sales_at_all_is_a_report_of_nothing(file):
    code, out, _ = run(file("product,quantity,price\n"))
    assert code == 0
    assert out.splitlines()[-1].split() == ["total", "0", "0", "0.00", "0"]
