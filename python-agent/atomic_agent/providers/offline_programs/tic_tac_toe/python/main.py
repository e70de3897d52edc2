"""Tic-tac-toe against a player that never loses."""

import argparse
import sys
from functools import lru_cache

EMPTY = " "
START = EMPTY * 9
LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
DEPTH = 10


class IllegalMove(ValueError):
    """A move that the rules don't allow; the text says why."""


def to_move(board):
    """Whose turn it is: X begins."""
    return "X" if board.count("X") == board.count("O") else "O"


def winner_of(board):
    for first, second, third in LINES:
        if board[first] != EMPTY and board[first] == board[second] == board[third]:
            return board[first]
    return None


def is_over(board):
    return winner_of(board) is not None or EMPTY not in board


def free_fields(board):
    return [field for field, mark in enumerate(board) if mark == EMPTY]


def play(board, field):
    """The board after whoever's turn it is takes a field (0 to 8). Raises IllegalMove."""
    if is_over(board):
        raise IllegalMove("the game is over")
    if not 0 <= field <= 8:
        raise IllegalMove("a field is a number from 1 to 9")
    if board[field] != EMPTY:
        raise IllegalMove("that field is taken")
    return board[:field] + to_move(board) + board[field + 1:]


@lru_cache(maxsize=None)
def value(board, me, depth=0, alpha=-DEPTH, beta=DEPTH):
    """What a board is worth to `me` with both sides playing best: above 0 won, below 0 lost."""
    winner = winner_of(board)
    if winner is not None:
        return DEPTH - depth if winner == me else depth - DEPTH
    if EMPTY not in board:
        return 0
    mine = to_move(board) == me
    best = -DEPTH if mine else DEPTH
    for field in free_fields(board):
        worth = value(play(board, field), me, depth + 1, alpha, beta)
        if mine:
            best = max(best, worth)
            alpha = max(alpha, best)
        else:
            best = min(best, worth)
            beta = min(beta, best)
        if alpha >= beta:
            break
    return best


def best_move(board):
    """The best field for whoever's turn it is; the lowest among equals. Raises IllegalMove."""
    if is_over(board):
        raise IllegalMove("the game is over")
    me = to_move(board)
    return max(free_fields(board), key=lambda field: (value(play(board, field), me, 1), -field))


def shown(board):
    fields = [mark if mark != EMPTY else str(number) for number, mark in enumerate(board, 1)]
    rows = [" " + " | ".join(fields[start:start + 3]) for start in (0, 3, 6)]
    return "\n---+---+---\n".join(rows)


def ask(board, read, write):
    """Asks until a legal field is given; None at the end of input."""
    while True:
        write(f"{to_move(board)}, your field: ")
        line = read()
        if not line:
            return None
        try:
            field = int(line) - 1
            play(board, field)
            return field
        except IllegalMove as problem:
            write(f"{problem}\n")
        except ValueError:
            write("a field is a number from 1 to 9\n")


def game(side, read, write):
    """Plays one game; returns the last board."""
    board = START
    while not is_over(board):
        write(shown(board) + "\n\n")
        if to_move(board) == side:
            field = ask(board, read, write)
            if field is None:
                write("\nGoodbye.\n")
                return board
        else:
            field = best_move(board)
            write(f"The computer takes {field + 1}.\n")
        board = play(board, field)
    winner = winner_of(board)
    result = "It is a draw." if winner is None else f"{winner} has won."
    write(f"{shown(board)}\n\n{result}\n")
    return board


def main():
    parser = argparse.ArgumentParser(description="Tic-tac-toe against a perfect player.")
    parser.add_argument("--side", choices=["X", "O"], default="X", help="your side; X begins")
    game(parser.parse_args().side, sys.stdin.readline, sys.stdout.write)


if __name__ == "__main__":
    main()
