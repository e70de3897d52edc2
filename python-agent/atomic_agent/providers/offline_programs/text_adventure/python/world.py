"""The world of the lighthouse: only data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Exit:
    """Where a direction leads; `needs` is the thing that has to be used here first."""

    room: str
    needs: str | None = None


@dataclass(frozen=True)
class Room:
    text: str
    exits: dict
    things: tuple = ()
    dark: bool = False


START = "beach"
GOAL_ROOM, GOAL_THING = "lamp room", "oil"
LIGHT = "lamp"
MAX_TURNS = 40

ROOMS = {
    "beach": Room("Grey waves. The lighthouse to the north is dark, and a ship is near.",
                  {"north": Exit("gate"), "down": Exit("cave")}, ("lamp", "shell")),
    "cave": Room("A low cave under the cliff. Something glints.", {"up": Exit("beach")}, ("key",),
                 dark=True),
    "gate": Room("An iron gate in a high wall.",
                 {"south": Exit("beach"), "north": Exit("hall", needs="key")}),
    "hall": Room("Barrels line the hall. A stair winds up.",
                 {"south": Exit("gate"), "up": Exit("lamp room")}, ("oil", "rope")),
    "lamp room": Room("The great lamp, cold and empty. Rain beats on the glass.",
                      {"down": Exit("hall")}),
}
