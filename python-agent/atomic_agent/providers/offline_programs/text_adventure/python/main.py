"""Plays the game in a terminal."""

import sys

from game import HELP, Game, State


def main(lines=sys.stdin, write=print):
    game = Game()
    write("THE LIGHTHOUSE\n" + HELP + "\n\n" + game.describe())
    for line in lines:
        if line.strip():
            write(f"\n> {line.strip()}\n{game.do(line)}")
        if game.state is not State.PLAYING:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
