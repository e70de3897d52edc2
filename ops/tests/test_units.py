"""The systemd units: hardened, complete, and of processes that there are."""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from cli import environment, services

_UNITS = Path(__file__).resolve().parents[1] / "systemd"
_MOST_EXPOSURE = 3.0
_ALL = sorted(_UNITS.glob("*.service"))


def instance_of(unit: Path, folder: Path) -> Path:
    """A copy of a unit, of a template with a number."""
    return Path(shutil.copy(unit, folder / unit.name.replace("@.", "@1.")))


class Units(unittest.TestCase):
    """What is installed by ops/systemd/install."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def test_each_is_exposed_little(self) -> None:
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze isn't installed (apt-get install systemd)")
        for unit in _ALL:
            with self.subTest(unit.name):
                done = subprocess.run(
                    ["systemd-analyze", "security", "--offline=true", "--no-pager",
                     str(instance_of(unit, self.root))],
                    capture_output=True, text=True, check=False)
                found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
                assert found is not None, done
                self.assertLessEqual(float(found[1]), _MOST_EXPOSURE, done.stdout)

    def test_each_starts_a_process_there_is(self) -> None:
        started = []
        for unit in _ALL:
            found = re.search(r"^ExecStart=/opt/atomic/ops/atomic start (\S+)$", unit.read_text(),
                              re.MULTILINE)
            if found:
                started.append(services.parse(found[1].replace("%i", "1")).kind)
        self.assertEqual(sorted(started), ["agent", "api", "db", "worker"])

    def test_the_one_for_all_wants_units_there_are(self) -> None:
        text = (_UNITS / "atomic-orchestrator.service").read_text()
        found = re.search(r"^Wants=(.+)$", text, re.MULTILINE)
        assert found is not None
        for name in found[1].split():
            file = re.sub(r"@\d+", "@", name)
            self.assertIn(file, [unit.name for unit in _ALL])
            self.assertIn("PartOf=atomic-orchestrator.service", (_UNITS / file).read_text())

    def test_every_variable_they_set_is_one_that_is_read(self) -> None:
        for file in [*_ALL, *_UNITS.glob("*.env*")]:
            for name in re.findall(r"^(?:Environment=|#?)([A-Z][A-Z0-9_]+)=", file.read_text(),
                                   re.MULTILINE):
                self.assertIn(name, environment.READERS, file.name)

    def test_they_are_installed_without_replacing_settings(self) -> None:
        settings = self.root / "etc/atomic/atomic.env"
        settings.parent.mkdir(parents=True)
        settings.write_text("ATOMIC_LOG_LEVEL=DEBUG\n")
        for _ in range(2):
            done = subprocess.run([_UNITS / "install", "--root", self.root], capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done)
        installed = self.root / "etc/systemd/system"
        self.assertEqual(sorted(path.name for path in installed.iterdir()),
                         [unit.name for unit in _ALL])
        self.assertEqual(settings.read_text(), "ATOMIC_LOG_LEVEL=DEBUG\n")
        # It will hold keys.
        self.assertEqual((self.root / "etc/atomic/agent.env").stat().st_mode & 0o777, 0o600)

    def test_an_argument_it_doesnt_know_is_refused(self) -> None:
        for wrong in (["--force"], ["--root"], ["--root", "/tmp", "more"]):
            done = subprocess.run([_UNITS / "install", *wrong], capture_output=True, check=False)
            self.assertEqual(done.returncode, 2, wrong)


if __name__ == "__main__":
    unittest.main()
