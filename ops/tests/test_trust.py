"""TLS to an api: this machine's own is known by its certificate."""

import contextlib
import os
import ssl
import subprocess
import threading
import unittest
from pathlib import Path
from unittest import mock

from cli import probe, settings

from .fake_api import FakeApi
from .machine import Machine


class Tls(unittest.TestCase):
    """Against a real server that shows a certificate for a name it isn't reached by."""

    def setUp(self) -> None:
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.machine = stack.enter_context(Machine())
        self.own = self.certificate("own")
        self.other = self.certificate("other")
        self.api = FakeApi()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.own, self.own.with_suffix(".key"))
        self.api.socket = context.wrap_socket(self.api.socket, server_side=True)
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        self.addCleanup(self.api.server_close)
        self.addCleanup(self.api.shutdown)
        self.url = self.api.url.replace("http:", "https:")

    def certificate(self, name: str) -> Path:
        """One that signs itself."""
        path = self.machine.root / f"{name}.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=atomic.example", "-addext",
                        "subjectAltName=DNS:atomic.example", "-keyout", path.with_suffix(".key"),
                        "-out", path], check=True, capture_output=True)
        return path

    def test_the_own_api_is_asked_and_nobody_else(self) -> None:
        done = self.machine.atomic("list", "--json", ATOMIC_URL=self.url, ATOMIC_API_KEY="atk_x",
                                   ATOMIC_TLS_CERT=str(self.own))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.api.requests[-1][2]["Authorization"], "Bearer atk_x")
        asked = len(self.api.requests)
        for certificate in (str(self.other), ""):
            done = self.machine.atomic("list", ATOMIC_URL=self.url, ATOMIC_API_KEY="atk_x",
                                       ATOMIC_TLS_CERT=certificate)
            self.assertEqual(done.code, 3, done)
        self.assertIn("certificate", done.err)
        self.assertEqual(len(self.api.requests), asked)
        done = self.machine.atomic("list", ATOMIC_URL=self.url,
                                   ATOMIC_TLS_CERT=str(self.own.with_suffix(".key")))
        self.assertEqual(done.code, 3, done)
        self.assertIn("ATOMIC_TLS_CERT", done.err)

    def test_the_stack_is_looked_at_in_the_same_way(self) -> None:
        port = self.api.server_address[1]
        for certificate, wanted in ((self.own, 404), (self.other, None)):
            with mock.patch.dict(os.environ, {"ATOMIC_TLS_CERT": str(certificate)}):
                self.assertEqual(probe.http_status("127.0.0.1", port, "/none", True), wanted)
                self.assertTrue(settings.load(self.machine.root).local_url.startswith("https:"))


if __name__ == "__main__":
    unittest.main()
