"""What is fetched from elsewhere is what was looked at: Maven by its digest, images by theirs."""

import hashlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from io import BytesIO
from pathlib import Path

from .machine import OPS

ROOT = OPS.parent
_TOOLS = ("bash", "dirname", "readlink", "sed", "mkdir", "mktemp", "rm", "mv", "tar", "gzip",
          "sha512sum", "sha256sum", "cat", "cut", "env", "timeout")


class Fetching(unittest.TestCase):
    """A machine without Maven and without a network, whose tools only say what they were told."""

    def setUp(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="atomic-fetch-"))
        self.addCleanup(shutil.rmtree, self.root)
        for tool in _TOOLS:
            found = shutil.which(tool)
            assert found is not None, tool
            (self.root / "bin").mkdir(exist_ok=True)
            (self.root / "bin" / tool).symlink_to(found)
        self.script("jdk/bin/javac", "echo javac 25.0.1")

    def script(self, path: str, text: str) -> None:
        """An executable file."""
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(f"#!/bin/bash\n{text}\n")
        full.chmod(0o755)

    def call(self, path: Path) -> "subprocess.CompletedProcess[str]":
        """Run a script of ours with these tools alone."""
        return subprocess.run(
            [str(path)], capture_output=True, text=True, check=False, timeout=30,
            env={"PATH": str(self.root / "bin"), "HOME": str(self.root),
                 "JAVA_HOME": str(self.root / "jdk")})


class Maven(Fetching):
    """`mvnw`, where there is no Maven."""

    def setUp(self) -> None:
        super().setUp()
        shutil.copy(ROOT / "mvnw", self.root / "mvnw")
        content = b"#!/bin/bash\necho ran > $HOME/ran\n"
        with tarfile.open(self.root / "served", "w:gz") as archive:
            entry = tarfile.TarInfo("apache-maven-9.9.9/bin/mvn")
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, BytesIO(content))
        self.script("bin/curl", f"cat '{self.root}/served' > \"$3\"; echo x >> '{self.root}/calls'")

    def pinned(self, sha512: str) -> None:
        """Name this digest."""
        (self.root / ".mvn").mkdir()
        (self.root / ".mvn" / "maven.properties").write_text(f"version=9.9.9\nsha512={sha512}\n")

    def test_the_archive_that_was_meant_is_unpacked_once_and_run(self) -> None:
        self.pinned(hashlib.sha512((self.root / "served").read_bytes()).hexdigest())
        for _ in range(2):
            done = self.call(self.root / "mvnw")
            self.assertEqual(done.returncode, 0, done)
            self.assertTrue((self.root / "ran").exists())
        self.assertEqual((self.root / "calls").read_text(), "x\n")
        self.assertEqual(len(list((self.root / ".m2" / "wrapper").iterdir())), 1)

    def test_another_one_is_named_and_nothing_of_it_runs_or_stays(self) -> None:
        self.pinned("0" * 128)
        done = self.call(self.root / "mvnw")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stderr.splitlines()[1:], [
            "mvnw: what was fetched isn't Apache Maven 9.9.9: its SHA-512 isn't the one in "
            ".mvn/maven.properties"])
        self.assertFalse((self.root / "ran").exists())
        self.assertEqual(list((self.root / ".m2" / "wrapper").iterdir()), [])

    def test_ours_names_a_version_and_a_whole_digest(self) -> None:
        text = (ROOT / ".mvn" / "maven.properties").read_text()
        self.assertRegex(text, r"(?m)^version=3\.\d+\.\d+$")
        self.assertRegex(text, r"(?m)^sha512=[0-9a-f]{128}$")


class Images(Fetching):
    """The scripts that pull."""

    def setUp(self) -> None:
        super().setUp()
        self.script("bin/docker", f"echo \"$@\" >> '{self.root}/calls'\n"
                    "[ \"$1\" != image ]")

    def test_every_pull_is_by_digest(self) -> None:
        for script in ("sandbox/base-image", "postgres/build"):
            done = self.call(OPS / script)
            self.assertEqual(done.returncode, 0, done)
        calls = (self.root / "calls").read_text().splitlines()
        pulls = {call.split()[-1] for call in calls if call.startswith("pull")}
        self.assertEqual({re.sub("@sha256:[0-9a-f]{64}$", "@", name) for name in pulls},
                         {"debian:bookworm-slim@", "postgres:15@"})
