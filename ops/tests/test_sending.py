"""What of a folder goes to a model, and what never does."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from cli import ignoring, sending, sensitive
from cli.errors import UsageError

from .fake_api import successful
from .test_client import ClientCase

# Put together here, so that no scanner takes these for real ones.
_KEY = "sk-" + "proj-" + "a1B2" * 8
_TOKENS = ("-----BEGIN OPENSSH " + "PRIVATE KEY-----", _KEY, "AKIA" + "ABCDEFGHIJKLMNOP",
           "ghp_" + "a1" * 18, "AIza" + "x" * 35, "xoxb-" + "1234567890-ab",
           "glpat-" + "a" * 20)


class FolderCase(unittest.TestCase):
    """A folder that is the current one, outside any repository."""

    def setUp(self) -> None:
        made = tempfile.TemporaryDirectory(prefix="atomic-sending-")
        self.addCleanup(made.cleanup)
        self.folder = Path(os.path.realpath(made.name), "project")
        self.folder.mkdir()
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)

    def write(self, **texts: str) -> None:
        """Files by name; `_DOT_` stands for a dot and `__` for a slash."""
        for name, text in texts.items():
            path = self.folder / name.replace("__", "/").replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def sent(self, *arguments: str) -> list[str]:
        """The paths that would be sent."""
        return [path for path, _ in sending.gather([arguments or (".",)]).listing]


class AFolder(FolderCase):
    """Without a repository."""

    def setUp(self) -> None:
        super().setUp()
        # There must be no git to ask: these tests start no process.
        patched = mock.patch("cli.ignoring._git", return_value=None)
        patched.start()
        self.addCleanup(patched.stop)

    def test_hidden_and_ignored_files_and_dependencies_stay(self) -> None:
        self.write(main_DOT_py="1", src__a_DOT_py="2", _DOT_env="KEY=x", _DOT_aws__credentials="x",
                   node_modules__left_DOT_js="x", out_DOT_log="x", build__main_DOT_o="x",
                   data__private_DOT_csv="x", data__public_DOT_csv="3")
        (self.folder / ".gitignore").write_text("*.log\n/build/\n")
        (self.folder / "data/.atomicignore").write_text("*\n!public.csv\n")
        gathered = sending.gather([["."]])
        self.assertEqual([path for path, _ in gathered.listing],
                         ["data/public.csv", "main.py", "src/a.py"])
        self.assertEqual(gathered.left_out, {"hidden": 4, "git-ignored": 3, ".atomicignore": 1})

    def test_our_ignore_file_counts_from_the_folder_one_is_in(self) -> None:
        self.write(src__main_DOT_py="1", src__big_DOT_bin="x", _DOT_atomicignore="src/*.bin\n")
        self.assertEqual(self.sent("src"), ["main.py"])

    def test_a_secret_by_name_or_content_stops_it_and_is_never_said(self) -> None:
        for name, text in (("server.pem", "x"), ("id_rsa", "x"), ("prod.env", "x"),
                           ("credentials.json", "{}"), ("app.py", f"KEY = '{_KEY}'\n")):
            path = self.folder / name
            path.write_text(text)
            with self.assertRaises(UsageError) as refused:
                sending.gather([["."]])
            self.assertIn(name, refused.exception.line)
            self.assertNotIn(_KEY, refused.exception.line)
            gathered = sending.gather([[name]])
            self.assertEqual([path for path, _ in gathered.listing], [name])
            self.assertIn("because it was named", gathered.warnings[0])
            path.unlink()

    def test_links_are_never_followed_and_one_that_leaves_is_refused(self) -> None:
        self.write(main_DOT_py="1", _DOT_env="KEY=x")
        (self.folder / "config.txt").symlink_to(".env")
        self.assertEqual(self.sent(), ["main.py"])
        outside = self.folder.parent / "outside.txt"
        outside.write_text("mine")
        (self.folder / "link.txt").symlink_to(outside)
        for arguments in (["."], ["link.txt"], ["main.py", "link.txt"]):
            with self.assertRaisesRegex(UsageError, "link.txt is a link that leaves"):
                sending.gather([arguments])
        (self.folder / "link.txt").unlink()
        (self.folder / "away").symlink_to(self.folder.parent)
        for arguments in (["."], ["away"]):
            with self.assertRaisesRegex(UsageError, "away is a link that leaves"):
                sending.gather([arguments])

    def test_too_many_are_refused_without_reading_them_all(self) -> None:
        for number in range(201):
            (self.folder / f"f{number}").write_text("x")
        with self.assertRaisesRegex(UsageError, "more than 200 files"):
            sending.gather([["."]])

    def test_a_folder_of_which_nothing_is_left_says_why(self) -> None:
        self.write(_DOT_env="x")
        with self.assertRaisesRegex(UsageError, r"no files to send \(left out: 1 hidden\)"):
            sending.gather([["."]])


class Repository(FolderCase):
    """Where git knows what is ignored."""

    def git(self, *args: str) -> None:
        """A git command in the folder."""
        subprocess.run(["git", "-C", str(self.folder), *args], check=True, capture_output=True)

    def test_git_decides_and_nothing_hidden_goes_even_if_it_is_tracked(self) -> None:
        self.git("init", "-q")
        self.write(main_DOT_py="1", kept_DOT_log="2", other_DOT_log="x", sub__a_DOT_py="3",
                   _DOT_github__x_DOT_yml="x", secret__a_DOT_py="x")
        (self.folder / ".gitignore").write_text("*.log\nsecret/\nbuild/\n")
        self.git("add", "-f", "kept.log", ".github/x.yml")
        self.assertEqual(self.sent(), ["kept.log", "main.py", "sub/a.py"])
        (self.folder / ".atomicignore").write_text("sub/\n")
        self.assertEqual(self.sent(), ["kept.log", "main.py"])
        with self.assertRaisesRegex(UsageError, "1 .atomicignore"):
            self.sent("sub")

    def test_a_folder_that_git_ignores_can_still_be_named(self) -> None:
        self.git("init", "-q")
        (self.folder / ".gitignore").write_text("out/\n")
        self.write(out__main_DOT_py="1", out__node_modules__x_DOT_js="x")
        self.assertEqual(self.sent("out"), ["main.py"])

    def test_a_repository_can_make_git_run_nothing(self) -> None:
        self.git("init", "-q")
        self.write(main_DOT_py="1")
        self.git("config", "core.fsmonitor", "touch pwned; false")
        self.assertEqual(self.sent(), ["main.py"])
        self.assertFalse((self.folder / "pwned").exists())


class Patterns(unittest.TestCase):
    """The lines of an ignore file, and what secrets look like."""

    def test_a_line_means_what_it_means_to_git(self) -> None:
        cases = (("*.log", "a.log", True), ("*.log", "x/a.log", True), ("/a", "x/a", False),
                 ("a/b", "x/a/b", False), ("**/b", "x/a/b", True), ("a/**", "a/x/y", True),
                 ("a/**/b", "a/b", True), ("a/**/b", "a/x/y/b", True), ("?.py", "ab.py", False),
                 ("[ab].py", "a.py", True), ("[!ab].py", "a.py", False), ("[!ab].py", "c.py", True),
                 ("*", "x/y", True), ("x*y", "xa/by", False), ("\\#a", "#a", True),
                 ("[]a]", "]", True), ("a.b", "axb", False))
        for line, path, matches in cases:
            rule = ignoring._rule(line)
            assert rule is not None
            self.assertEqual(bool(rule.pattern.fullmatch(path)), matches, (line, path))
        for line in ("", "# comment", "  ", "/"):
            self.assertIsNone(ignoring._rule(line))

    def test_every_form_of_token_is_seen_and_its_line_is_said(self) -> None:
        for token in _TOKENS:
            self.assertRegex(sensitive.content(f"a\nb = '{token}'\n".encode()) or "", "^line 2 ",
                             token[:8])
        for harmless in ("risk-" + "a" * 30, "class sk-folding-cube-of-many-words", "AKIA", "eyJ"):
            self.assertIsNone(sensitive.content(harmless.encode()), harmless)

    def test_examples_and_public_keys_are_no_secrets(self) -> None:
        for path in (".env.example", "id_rsa.pub", "src/secrets.py", "keys.py", "environment.ts"):
            self.assertIsNone(sensitive.name(path), path)
        for path in (".env", "a/.env.local", "ID_RSA", "deploy.key", "a/.npmrc"):
            self.assertIsNotNone(sensitive.name(path), path)


class OnTheCommandLine(ClientCase):
    """What the command says and sends."""

    def test_what_goes_is_listed_with_sizes_before_it_does(self) -> None:
        for name in ("main.py", "util.py", ".env"):
            self.machine.write(f"project/{name}", "x = 1\n" * 300)
        self.api.scripts["hello"] = successful()
        done = self.machine.atomic("generate", "hello", "--file", "project")
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.err, r"sends 2 files, 3\.5 KiB \(left out: 1 hidden\)\n"
                                   r" +1\.8 KiB  main\.py\n +1\.8 KiB  util\.py\n(.*\n)*job ")
        (body,) = [body for method, path, _, body in self.api.requests if method == "POST"]
        self.assertEqual([each["path"] for each in body["files"]], ["main.py", "util.py"])

    def test_a_dry_run_lists_and_sends_nothing(self) -> None:
        self.machine.write("project/main.py", "x = 1\n")
        for command in (("run", "hello", "--file", "project"), ("generate", "hello", "--file",
                        "project"), ("ask", "0199-1", "hello", "--file", "project"),
                        ("exec", "--lang", "python", "project")):
            done = self.machine.atomic(*command, "--dry-run")
            self.assertEqual((done.code, done.out), (0, "6 B  main.py\n"), done)
            self.assertIn("nothing was sent", done.err)
        self.assertEqual(self.api.requests, [])

    def test_a_secret_in_a_folder_is_2_and_nothing_is_asked(self) -> None:
        self.machine.write("project/app.py", f"KEY = '{_KEY}'\n")
        for command in (("run", "hello", "--file"), ("exec", "--lang", "python")):
            done = self.machine.atomic(*command, "project")
            self.assertEqual(done.code, 2, done)
            self.assertIn("app.py (line 1 looks like a key of a model's provider)", done.err)
            self.assertNotIn(_KEY, done.err)
        self.assertEqual(self.api.requests, [])
        self.assertFalse(json.loads(self.machine.atomic("status", "--json").out)[0]["pid"])


if __name__ == "__main__":
    unittest.main()
