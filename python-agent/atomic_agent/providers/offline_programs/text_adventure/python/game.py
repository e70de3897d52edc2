"""The rules of the game: a state, and commands that change it."""

from enum import Enum

import world

DIRECTIONS = {"n": "north", "s": "south", "e": "east", "w": "west", "u": "up", "d": "down"}
FILLERS = {"the", "a", "an", "to", "on"}
HELP = "You can: look, go DIRECTION, take THING, drop THING, use THING, inventory, quit."


class State(Enum):
    PLAYING = "playing"
    WON = "won"
    LOST = "lost"
    LEFT = "left"


class Game:
    """One game. `do` takes a command and gives the answer; it never reads or prints."""

    def __init__(self, rooms=None):
        self.rooms = rooms or world.ROOMS
        self.room = world.START
        self.things = {name: list(room.things) for name, room in self.rooms.items()}
        self.carried = []
        self.unlocked = set()
        self.lit = False
        self.turns = 0
        self.state = State.PLAYING

    def do(self, line):
        """The answer to a command; nothing happens any more once the game is over."""
        if self.state is not State.PLAYING:
            return "The game is over."
        verb, thing = self._understood(line)
        command = getattr(self, f"_{verb}", None) if verb else None
        if command is None:
            return f"I don't understand that. {HELP}"
        answer, costs_a_turn = command(thing)
        self.turns += costs_a_turn
        if self.state is State.PLAYING and self.turns >= world.MAX_TURNS:
            self.state = State.LOST
            answer += "\nA crash in the dark: the ship is lost."
        return answer

    def describe(self):
        if self._is_dark():
            return "It is pitch dark."
        room = self.rooms[self.room]
        lines = [f"[{self.room}] {room.text}"]
        if self.things[self.room]:
            lines.append("Here: " + ", ".join(self.things[self.room]) + ".")
        lines.append("Exits: " + ", ".join(room.exits) + ".")
        return "\n".join(lines)

    @staticmethod
    def _understood(line):
        """(verb, the rest) of a line; directions alone mean going there."""
        words = [word for word in line.lower().split() if word not in FILLERS]
        if not words:
            return None, ""
        first = DIRECTIONS.get(words[0], words[0])
        if first in DIRECTIONS.values():
            return "go", first
        rest = " ".join(words[1:])
        verbs = {"l": "look", "i": "inventory", "get": "take", "exit": "quit", "walk": "go"}
        verb = verbs.get(first, first)
        known = {"look", "go", "take", "drop", "use", "inventory", "help", "quit"}
        return (verb if verb in known else None), DIRECTIONS.get(rest, rest)

    def _is_dark(self):
        return self.rooms[self.room].dark and not (self.lit and world.LIGHT in self.carried)

    def _look(self, _thing):
        return self.describe(), False

    def _help(self, _thing):
        return HELP, False

    def _inventory(self, _thing):
        return "You carry " + (", ".join(self.carried) or "nothing") + ".", False

    def _quit(self, _thing):
        self.state = State.LEFT
        return "You turn away from the sea.", False

    def _go(self, direction):
        exit_ = self.rooms[self.room].exits.get(direction)
        if exit_ is None:
            return "You can't go there.", False
        if exit_.needs and exit_.needs not in self.unlocked:
            return "It is locked.", True
        self.room = exit_.room
        return self.describe(), True

    def _take(self, thing):
        if self._is_dark():
            return "You grope in the dark and find nothing.", True
        if thing not in self.things[self.room]:
            return f"There is no {thing or 'such thing'} here.", False
        self.things[self.room].remove(thing)
        self.carried.append(thing)
        return f"You take the {thing}.", True

    def _drop(self, thing):
        if thing not in self.carried:
            return f"You don't carry {thing or 'that'}.", False
        self.carried.remove(thing)
        self.things[self.room].append(thing)
        return f"You put down the {thing}.", True

    def _use(self, thing):
        if thing not in self.carried:
            return f"You don't carry {thing or 'that'}.", False
        if thing == world.LIGHT:
            self.lit = not self.lit
            return f"The {thing} is {'lit' if self.lit else 'out'}.", True
        if (self.room, thing) == (world.GOAL_ROOM, world.GOAL_THING):
            self.state = State.WON
            return "The great lamp flares up. Far out, the ship turns. You have won.", True
        if any(exit_.needs == thing for exit_ in self.rooms[self.room].exits.values()):
            self.unlocked.add(thing)
            return f"The {thing} turns. Something unlocks.", True
        return f"The {thing} is of no use here.", True
