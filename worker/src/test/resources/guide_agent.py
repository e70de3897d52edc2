"""The integration guide's server, made to run.

One request at a time on a connection, nothing said of `multiplex`, asyncio's lines of 64 KiB, the
whole text so far with each chunk, no word on tokens. The model's answer is the prompt, in words.
"""

import asyncio
import json
import sys
import time


def frame(message, kind, payload):
    now = int(time.time() * 1000)
    return {"id": message["id"], "type": kind, "timestamp": now, "payload": payload}


async def answers(message):
    payload = message.get("payload", {})
    if message.get("type") == 4:
        yield frame(message, 5, {"status": "healthy"})
        return
    request_id, words = payload["request_id"], payload["prompt"].split()
    so_far = ""
    for index, word in enumerate(words):
        delta = word if index == 0 else " " + word
        so_far += delta
        await asyncio.sleep(0.001)
        yield frame(message, 2, {
            "request_id": request_id, "delta": delta, "accumulated_content": so_far,
            "chunk_index": index, "is_final": index == len(words) - 1})


async def handle(reader, writer):
    try:
        while data := await reader.readline():
            async for answer in answers(json.loads(data.decode())):
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
    except Exception as problem:  # as the guide has it: the connection just ends
        print(f"Error handling client: {problem}", file=sys.stderr)
    finally:
        writer.close()


async def serve(path):
    async with await asyncio.start_unix_server(handle, path=path) as server:
        await server.serve_forever()


asyncio.run(serve(sys.argv[1]))
