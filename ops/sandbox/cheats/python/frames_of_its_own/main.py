import json
import os
import struct


def answer(times=1):
    body = json.dumps(["return", [], 41 * times]).encode()
    for body in (body, b'["return",[],["k","object"]]'):
        try:
            os.write(5, struct.pack(">I", len(body)) + body)
        except OSError:
            pass
    return 0
