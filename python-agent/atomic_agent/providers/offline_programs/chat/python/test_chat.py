import asyncio
import json
import unittest
from urllib.parse import urlencode

from chat import HISTORY, QUEUE, Refused, Room, Rooms
from main import ChatServer
from websocket import CLOSE, TEXT, Closed, WebSocket, accept_key, apply_mask, frame


def drain(member):
    events = []
    while not member.events.empty():
        events.append(member.events.get_nowait())
    return events


class RoomTests(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.room = Room(clock=lambda: 12.5)

    async def test_everybody_in_the_room_gets_a_message_its_author_too(self):
        ada, bob = self.room.join("ada"), self.room.join("bob")
        drain(ada), drain(bob)
        self.room.say(ada, " hello ")
        expected = [{"type": "message", "name": "ada", "text": "hello", "at": 12.5}]
        self.assertEqual(drain(ada), expected)
        self.assertEqual(drain(bob), expected)

    async def test_who_comes_later_gets_the_last_messages_first(self):
        ada = self.room.join("ada")
        for number in range(HISTORY + 5):
            self.room.say(ada, f"message {number}")
        first, joined = drain(self.room.join("bob"))
        self.assertEqual(len(first["messages"]), HISTORY)
        self.assertEqual(first["messages"][0]["text"], "message 5")
        self.assertEqual(joined["members"], ["ada", "bob"])

    async def test_a_name_is_taken_once_and_free_again_after_leaving(self):
        ada = self.room.join("ada")
        with self.assertRaises(Refused):
            self.room.join(" ada ")
        self.room.leave(ada)
        self.room.join("ada")
        self.room.leave(ada)  # the old one; the new one stays
        self.assertEqual(self.room.names, ["ada"])

    async def test_wrong_names_and_messages_are_refused(self):
        for name in ("", "   ", "x" * 31):
            with self.assertRaises(Refused):
                self.room.join(name)
        ada = self.room.join("ada")
        for text in ("", "  ", "x" * 2001, None, 5):
            with self.assertRaises(Refused):
                self.room.say(ada, text)

    async def test_a_member_who_stops_reading_is_dropped_and_the_others_go_on(self):
        self.room.join("slow")
        ada = self.room.join("ada")
        slow = self.room._members["slow"]
        for number in range(QUEUE + 10):
            self.room.say(ada, str(number))
            drain(ada)
        self.assertTrue(slow.dropped)
        self.assertEqual(drain(slow), [None])

    async def test_rooms_are_apart_and_forgotten_with_their_last_member(self):
        rooms = Rooms()
        garden, ada = rooms.join("garden", "ada")
        _, bob = rooms.join("kitchen", "bob")
        drain(bob)
        garden.say(ada, "hello")
        self.assertEqual(drain(bob), [])
        rooms.leave("garden", ada)
        self.assertEqual(len(rooms), 1)


class WebSocketTests(unittest.IsolatedAsyncioTestCase):
    def test_the_handshake_is_that_of_the_standard(self):
        self.assertEqual(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")

    def test_a_masked_frame_is_that_of_the_standard(self):
        wanted = bytes.fromhex("818537fa213d7f9f4d5158")
        self.assertEqual(frame(TEXT, b"Hello", b"\x37\xfa\x21\x3d"), wanted)
        self.assertEqual(apply_mask(wanted[6:], wanted[2:6]), b"Hello")

    async def received(self, data):
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await WebSocket(reader, None).receive()

    async def test_fragments_and_every_length_are_read(self):
        mask = b"abcd"
        for size in (0, 125, 126, 65_000):
            text = "x" * size
            self.assertEqual(await self.received(frame(TEXT, text.encode(), mask)), text)
        parts = bytearray(frame(TEXT, b"one ", mask))
        parts[0] &= 0x7F
        self.assertEqual(await self.received(bytes(parts) + frame(0, b"two", mask)), "one two")

    async def test_what_is_not_allowed_closes_with_its_code(self):
        mask = b"abcd"
        for data, code in ((frame(TEXT, b"unmasked"), 1002), (frame(0, b"alone", mask), 1002),
                           (frame(TEXT, b"\xff", mask), 1007), (frame(2, b"binary", mask), 1003),
                           (frame(TEXT, b"x" * 70_000, mask), 1009),
                           (frame(CLOSE, b"", mask), 1000), (b"", 1006)):
            with self.assertRaises(Closed) as closed:
                await self.received(data)
            self.assertEqual(closed.exception.code, code)


class ServerTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = ChatServer()
        self.port = await self.server.start()
        self.writers = []

    async def asyncTearDown(self):
        for writer in self.writers:
            writer.close()
        await self.server.stop()

    async def http(self, target, *headers):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        writer.write("\r\n".join([f"GET {target} HTTP/1.1", *headers, "", ""]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        return head, reader, writer

    async def join(self, name, room="lobby"):
        target = "/ws?" + urlencode({"room": room, "name": name})
        head, reader, writer = await self.http(target, "Host: here", "Upgrade: websocket",
                                               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
        self.assertIn("101", head)
        return WebSocket(reader, writer, client=True)

    async def next(self, socket, kind):
        while True:
            event = json.loads(await asyncio.wait_for(socket.receive(), 5))
            if event["type"] == kind:
                return event

    async def test_the_page_is_served_and_nothing_else(self):
        head, reader, _ = await self.http("/")
        self.assertIn("200 OK", head)
        self.assertIn(b"<title>Chat</title>", await reader.read())
        head, _, _ = await self.http("/../main.py")
        self.assertIn("404", head)

    async def test_two_people_talk_and_a_third_reads_what_was_said(self):
        ada, bob = await self.join("ada"), await self.join("bob")
        await ada.send(json.dumps({"text": "hello, größer 🙂"}))
        self.assertEqual((await self.next(bob, "message"))["text"], "hello, größer 🙂")
        await bob.send(json.dumps({"text": "hi"}))
        self.assertEqual((await self.next(ada, "message"))["name"], "ada")
        self.assertEqual((await self.next(ada, "message"))["name"], "bob")
        eve = await self.join("eve")
        texts = [m["text"] for m in (await self.next(eve, "history"))["messages"]]
        self.assertEqual(texts, ["hello, größer 🙂", "hi"])

    async def test_a_taken_name_is_refused(self):
        await self.join("ada")
        second = await self.join("ada")
        self.assertIn("ada", (await self.next(second, "error"))["error"])
        with self.assertRaises(Closed):
            await second.receive()

    async def test_nonsense_is_answered_to_its_sender_alone(self):
        ada = await self.join("ada")
        for nonsense in ("not json", "[]", '{"text": ""}'):
            await ada.send(nonsense)
            self.assertTrue((await self.next(ada, "error"))["error"])
        await ada.send(json.dumps({"text": "still here"}))
        self.assertEqual((await self.next(ada, "message"))["text"], "still here")

    async def test_who_hangs_up_has_left(self):
        ada, bob = await self.join("ada"), await self.join("bob")
        await bob.close()
        self.assertEqual((await self.next(ada, "left"))["members"], ["ada"])

    async def test_another_sites_page_is_refused(self):
        head, _, _ = await self.http("/ws?name=ada", "Host: here", "Upgrade: websocket",
                                     "Origin: http://elsewhere")
        self.assertIn("403", head)


if __name__ == "__main__":
    unittest.main()
