"""The rooms of the chat: who is where, what was said, and who gets to know."""

import asyncio
import time
from collections import deque

HISTORY = 50
MAX_NAME = 30
MAX_TEXT = 2000
QUEUE = 200


class Refused(Exception):
    """Something a member asked for that isn't allowed; the text says why."""


class Member:
    """One person in one room; `events` holds what is still to be sent, None ends it."""

    def __init__(self, name):
        self.name = name
        self.events = asyncio.Queue(QUEUE)
        self.dropped = False

    def deliver(self, event):
        if self.dropped:
            return
        try:
            self.events.put_nowait(event)
        except asyncio.QueueFull:
            self.drop()

    def drop(self):
        """Ends this member's events now, whatever is still waiting."""
        self.dropped = True
        while not self.events.empty():
            self.events.get_nowait()
        self.events.put_nowait(None)


class Room:
    def __init__(self, clock=time.time):
        self._clock = clock
        self._members = {}
        self._history = deque(maxlen=HISTORY)

    @property
    def names(self):
        return sorted(self._members)

    def join(self, name):
        """A new member, who gets the history first. Raises Refused."""
        name = name.strip()
        if not 1 <= len(name) <= MAX_NAME:
            raise Refused(f"a name has 1 to {MAX_NAME} characters")
        if name in self._members:
            raise Refused(f"{name} is here already")
        member = Member(name)
        self._members[name] = member
        member.deliver({"type": "history", "messages": list(self._history)})
        self._broadcast({"type": "joined", "name": name, "members": self.names})
        return member

    def say(self, member, text):
        """Sends a text to everybody in the room. Raises Refused."""
        if not isinstance(text, str) or not 1 <= len(text.strip()) <= MAX_TEXT:
            raise Refused(f"a message has 1 to {MAX_TEXT} characters")
        event = {"type": "message", "name": member.name, "text": text.strip(),
                 "at": round(self._clock(), 3)}
        self._history.append(event)
        self._broadcast(event)

    def leave(self, member):
        if self._members.get(member.name) is member:
            del self._members[member.name]
            self._broadcast({"type": "left", "name": member.name, "members": self.names})

    def _broadcast(self, event):
        for member in list(self._members.values()):
            member.deliver(event)


class Rooms:
    """Rooms by name; one comes with its first member and goes with its last."""

    def __init__(self, clock=time.time):
        self._clock = clock
        self._rooms = {}

    def join(self, room_name, name):
        room = self._rooms.get(room_name) or Room(self._clock)
        member = room.join(name)
        self._rooms[room_name] = room
        return room, member

    def leave(self, room_name, member):
        room = self._rooms.get(room_name)
        if room is not None:
            room.leave(member)
            if not room.names:
                del self._rooms[room_name]

    def __len__(self):
        return len(self._rooms)
