from collections import deque

import pytest

import world
from game import Game, State
from main import main

WAY_THROUGH = ["take lamp", "use lamp", "down", "take key", "up", "north", "use key", "north",
               "take oil", "up", "use oil"]


def after(*commands):
    game = Game()
    for command in commands:
        game.do(command)
    return game


def test_the_game_can_be_won():
    game = after(*WAY_THROUGH)
    assert game.state is State.WON
    assert game.turns == len(WAY_THROUGH)
    assert game.do("look") == "The game is over."


def test_the_gate_is_locked_without_the_key():
    game = after("north", "north")
    assert game.room == "gate"
    assert game.do("n") == "It is locked."


def test_a_dark_room_shows_and_gives_nothing_without_light():
    game = after("down")
    assert game.describe() == "It is pitch dark."
    assert "nothing" in game.do("take key")
    assert game.carried == []
    lit = after("take lamp", "use lamp", "down")
    assert "key" in lit.describe()
    lit.do("drop lamp")
    assert lit.describe() == "It is pitch dark."


def test_things_can_be_moved_and_are_never_twice():
    game = after("take shell", "north", "drop shell")
    assert game.things["gate"] == ["shell"]
    assert "no shell" in after("take shell").do("take shell")
    assert "don't carry" in game.do("drop shell")


@pytest.mark.parametrize("line", ["go north", "GO TO THE NORTH", "north", "n", "  walk   north "])
def test_words_can_be_said_in_several_ways(line):
    assert after(line).room == "gate"


@pytest.mark.parametrize("line", ["", "dance", "go", "go sideways", "take", "use", "use sword",
                                  "__init__", "is_dark", "look"])
def test_what_is_not_understood_or_possible_costs_no_turn(line):
    game = Game()
    assert game.do(line)
    assert game.turns == 0
    assert game.state is State.PLAYING


def test_the_ship_is_lost_after_too_many_turns():
    game = Game()
    for _ in range(world.MAX_TURNS // 2):
        game.do("north")
        answer = game.do("south")
    assert game.state is State.LOST
    assert "the ship is lost" in answer


def test_a_win_on_the_last_turn_counts():
    game = Game()
    spare = world.MAX_TURNS - len(WAY_THROUGH)
    for number in range(spare):
        game.do("take shell" if number % 2 == 0 else "drop shell")
    for command in WAY_THROUGH:
        game.do(command)
    assert (game.turns, game.state) == (world.MAX_TURNS, State.WON)


def test_the_world_is_sound():
    things = [thing for room in world.ROOMS.values() for thing in room.things]
    assert len(things) == len(set(things))
    reached, waiting = {world.START}, deque([world.START])
    while waiting:
        for exit_ in world.ROOMS[waiting.popleft()].exits.values():
            assert exit_.room in world.ROOMS
            assert exit_.needs is None or exit_.needs in things
            if exit_.room not in reached:
                reached.add(exit_.room)
                waiting.append(exit_.room)
    assert reached == set(world.ROOMS)
    assert world.GOAL_THING in things and world.LIGHT in things


def test_the_terminal_plays_until_the_game_is_over():
    written = []
    assert main([*WAY_THROUGH, "never read"], written.append) == 0
    assert "You have won." in written[-1]
    assert not any("never read" in text for text in written)
