import pytest

from main import from_roman, main, to_roman

KNOWN = [(1, "I"), (3, "III"), (4, "IV"), (9, "IX"), (14, "XIV"), (40, "XL"), (90, "XC"),
         (400, "CD"), (900, "CM"), (1994, "MCMXCIV"), (2025, "MMXXV"), (3999, "MMMCMXCIX")]


@pytest.mark.parametrize("number, numeral", KNOWN)
def test_a_number_is_written_as_its_numeral(number, numeral):
    assert to_roman(number) == numeral


@pytest.mark.parametrize("number, numeral", KNOWN)
def test_a_numeral_is_read_in_either_case(number, numeral):
    assert from_roman(numeral) == from_roman(f" {numeral.lower()} ") == number


def test_every_number_comes_back_from_its_numeral():
    assert all(from_roman(to_roman(number)) == number for number in range(1, 4000))


@pytest.mark.parametrize("number", [0, -1, 4000, 1.5, "7", True])
def test_a_number_out_of_range_is_refused(number):
    with pytest.raises(ValueError):
        to_roman(number)


@pytest.mark.parametrize("text", ["", "IIII", "VX", "IC", "MMMM", "ABC", "12"])
def test_an_unusual_numeral_is_refused(text):
    with pytest.raises(ValueError):
        from_roman(text)


def test_the_command_line_converts_both_ways(capsys):
    assert main(["1994", "xlii"]) == 0
    assert capsys.readouterr().out == "MCMXCIV\n42\n"
    assert main(["hello"]) == 1
