import io

import pytest

from main import (START, IllegalMove, best_move, free_fields, game, is_over, play, shown, to_move,
                  value, winner_of)


@pytest.mark.parametrize("board, winner", [
    ("XXX OO   ", "X"), ("OX OX O  ", "O"), ("XO  XO  X", "X"), ("XOXXOOOXX", None), (START, None),
])
def test_a_winner_is_seen_in_rows_columns_and_diagonals(board, winner):
    assert winner_of(board) == winner


def test_turns_alternate_and_x_begins():
    board = START
    for mark in "XOXO":
        assert to_move(board) == mark
        board = play(board, free_fields(board)[0])


def test_illegal_moves_are_refused():
    board = play(START, 4)
    for field in (4, -1, 9):
        with pytest.raises(IllegalMove):
            play(board, field)
    with pytest.raises(IllegalMove):
        play("XXX OO   ", 3)
    with pytest.raises(IllegalMove):
        best_move("XXX OO   ")


def test_a_win_is_taken_at_once_and_a_threat_is_blocked():
    assert best_move("XX  OO   ") == 2
    assert best_move("XX  O    ") == 2
    assert best_move("X   O   X") in (1, 3, 5, 7)


def test_the_quicker_win_is_preferred():
    assert value("XX  OO   ", "X") == 9
    assert best_move("X O XO   ") == 8


def test_with_best_play_the_game_is_a_draw():
    assert value(START, "X") == value(START, "O") == 0


@pytest.mark.parametrize("computer", ["X", "O"])
def test_the_computer_never_loses_whatever_the_other_side_does(computer):
    seen, results = set(), {"X": 0, "O": 0, None: 0}

    def explore(board):
        if board in seen:
            return
        seen.add(board)
        if is_over(board):
            results[winner_of(board)] += 1
            return
        moves = [best_move(board)] if to_move(board) == computer else free_fields(board)
        for field in moves:
            explore(play(board, field))

    explore(START)
    human = "O" if computer == "X" else "X"
    assert results[human] == 0
    assert results[computer] > 0


def played(side, text):
    lines, written = io.StringIO(text), []
    return game(side, lines.readline, written.append), "".join(written)


def test_a_game_can_be_played_through_with_wrong_input_on_the_way():
    board, text = played("X", "hello\n99\n1\n1\n2\n4\n6\n9\n8\n3\n7\n")
    assert "a field is a number from 1 to 9" in text
    assert "that field is taken" in text
    assert text.rstrip().endswith(("It is a draw.", "O has won."))
    assert is_over(board)


def test_the_end_of_input_ends_the_game():
    board, text = played("O", "")
    assert board.count("X") == 1
    assert text.endswith("Goodbye.\n")


def test_the_board_is_shown_with_the_numbers_of_free_fields():
    assert shown("X   O    ").splitlines()[0] == " X | 2 | 3"
