"""What a job's files may do to a person's disk: be written where they were wanted, no more."""

import os
import stat
from pathlib import Path

from cli import artifacts, paths
from cli.client import Client
from cli.errors import CommandError

from .fake_api import Script, successful
from .machine import Done
from .test_client import ClientCase


class JobOfFiles(ClientCase):
    """A job that has just these files."""

    def setUp(self) -> None:
        super().setUp()
        self.out = self.machine.root / "out"

    def get(self, files: dict[str, bytes], *options: str) -> Done:
        """`get` of a finished job with these files into `out`."""
        script = successful()
        script.files = files
        job_id = self.api.add(script, {}).resource["id"]
        return self.machine.atomic("get", job_id, "-o", "out", *options)

    def there(self) -> dict[str, str]:
        """All files below `out` with their contents."""
        return {str(path.relative_to(self.out)): path.read_text()
                for path in self.out.rglob("*") if path.is_file()}


class WhatIsThereAlready(JobOfFiles):
    """Nothing of the user's is replaced unasked."""

    def test_a_file_that_isnt_ours_is_named_and_nothing_at_all_is_written(self) -> None:
        self.out.mkdir()
        (self.out / "main.py").write_text("mine")
        done = self.get({"a.py": b"1", "main.py": b"2"})
        self.assertEqual((done.code, self.there()), (1, {"main.py": "mine"}), done)
        self.assertIn("in the way, and not written by this command: main.py\n", done.err)
        self.assertRegex(done.err, "nothing was written .*ops/atomic get 0199-1 -o .* --force\n")
        done = self.get({"a.py": b"1", "main.py": b"2"}, "--force")
        self.assertEqual((done.code, self.there()), (0, {"a.py": "1", "main.py": "2"}), done)

    def test_the_same_content_is_no_conflict_and_doesnt_make_a_file_ours(self) -> None:
        self.out.mkdir()
        (self.out / "main.py").write_text("same")
        self.assertEqual(self.get({"main.py": b"same"}).code, 0)
        self.assertEqual(self.get({"main.py": b"other"}).code, 1)
        self.assertEqual(self.there(), {"main.py": "same"})

    def test_what_we_wrote_is_replaced_until_somebody_changes_it(self) -> None:
        self.assertEqual(self.get({"main.py": b"1"}).code, 0)
        self.assertEqual(self.get({"main.py": b"2"}).code, 0)
        (self.out / "main.py").write_text("edited by hand")
        self.assertEqual(self.get({"main.py": b"3"}).code, 1)
        self.assertEqual(self.there(), {"main.py": "edited by hand"})

    def test_exec_and_generate_keep_to_it_too(self) -> None:
        self.machine.write("out/main.py", "mine")
        self.api.scripts["hello"] = successful()
        self.api.scripts["execute"] = Script(
            [{"type": "succeeded"}], {"main.py": b"collected"},
            {"status": "succeeded", "verification": {"status": "passed", "exit_code": 0}})
        self.machine.write("input.py", "1")
        for command in (("generate", "hello"),
                        ("exec", "--lang", "python", "--collect", "**", "input.py")):
            done = self.machine.atomic(*command, "-o", "out")
            self.assertEqual((done.code, self.there()), (1, {"main.py": "mine"}), done)

    def test_links_are_not_followed_not_even_by_force(self) -> None:
        outside = self.machine.write("outside/target.py", "mine").parent
        self.out.mkdir()
        (self.out / "main.py").symlink_to(outside / "target.py")
        (self.out / "dir").symlink_to(outside)
        for options in ((), ("--force",)):
            done = self.get({"main.py": b"1", "dir/inner.py": b"2", "fine.py": b"3"}, *options)
            self.assertEqual(done.code, 1, done)
            self.assertIn("dir/inner.py (below a link)", done.err)
            self.assertEqual(sorted(os.listdir(self.out)), ["dir", "main.py"])
        self.assertIn("main.py (a link)", self.get({"main.py": b"1"}).err)
        self.assertEqual(self.get({"main.py": b"1"}, "--force").code, 0)
        self.assertFalse((self.out / "main.py").is_symlink())
        self.assertEqual((os.listdir(outside), (outside / "target.py").read_text()),
                         (["target.py"], "mine"))

    def test_a_folder_or_a_pipe_in_a_files_place_is_named(self) -> None:
        (self.out / "folder.py").mkdir(parents=True)
        os.mkfifo(self.out / "pipe.py")
        (self.out / "file").write_text("mine")
        done = self.get({"folder.py": b"1", "pipe.py": b"1", "file/inner.py": b"1"})
        self.assertEqual(done.code, 1, done)
        for said in ("folder.py (a folder)", "pipe.py (no regular file)",
                     "file/inner.py (below a file)"):
            self.assertIn(said, done.err)


class Hidden(JobOfFiles):
    """Files that a shell, an editor or git would act upon."""

    def test_dot_files_are_left_out_and_named_unless_they_are_wanted(self) -> None:
        files = {".bashrc": b"evil", "main.py": b"1", "a/.vscode/tasks.json": b"2",
                 "sub/HEAD": b"3"}
        done = self.get(files)
        self.assertEqual((done.code, self.there()), (0, {"main.py": "1"}), done)
        for path in (".bashrc", "a/.vscode/tasks.json", "sub/HEAD"):
            self.assertIn(f"left out without --dotfiles: {path}\n", done.err)
        self.assertEqual(self.get(files, "--dotfiles").code, 0)
        self.assertEqual(set(self.there()), set(files))

    def test_nothing_is_written_into_a_git_folder_whatever_is_asked_for(self) -> None:
        done = self.get({".git/config": b"[core]\n\tfsmonitor = touch pwned\n", "main.py": b"1",
                         "sub/.GIT/hooks/post-checkout": b"x"}, "--force", "--dotfiles")
        self.assertEqual((done.code, self.there()), (1, {"main.py": "1"}), done)
        self.assertEqual(done.err.count("git may run what such a file says"), 2, done)

    def test_gits_folder_is_known_under_every_name_a_file_system_has_for_it(self) -> None:
        names = (".git", ".GIT", ".Git", "git~1", "GIT~12", ".git ", ".git.", ".git . .", "git~1 ",
                 ".git::$INDEX_ALLOCATION", ".git:x", ".g\u200cit", "\ufeff.git", ".gi\u200dt",
                 ".git\u2060", ".\u202egit")
        for name in names:
            for path in (name, f"{name}/config", f"sub/{name}/config"):
                self.assertTrue(paths.of_git(path), repr(path))
        for name in ("git", ".gitignore", "git~x", "a.git", ".github/x.yml", "digit~1"):
            self.assertFalse(paths.of_git(name), name)


class FilesFromAJob(ClientCase):
    """Files are written where they were wanted and nowhere else."""

    def test_they_are_written_with_their_folders(self) -> None:
        script = successful()
        script.files = {"main.py": b"import app\n", "app/data.bin": bytes(range(256))}
        self.api.add(script, {})
        done = self.machine.atomic("get", "0199-1", "-o", "out")
        self.assertEqual(done.code, 0, done)
        out = self.machine.root / "out"
        self.assertEqual((out / "app/data.bin").read_bytes(), bytes(range(256)))
        self.assertEqual((out / "main.py").read_text(), "import app\n")

    def test_hostile_paths_are_named_and_not_written(self) -> None:
        script = successful()
        hostile = ["../up.py", "/tmp/atomic-absolute.py", "a/../../b.py", "back\\slash.py",
                   "new\nline.py", "./dot.py", "double//slash.py", "MAIN.py",
                   "/".join(["deep"] * 17), "x" * 513]
        script.files = {"main.py": b"1\n", **{path: b"evil\n" for path in hostile}}
        self.api.add(script, {})
        before = set(self.machine.root.rglob("*"))
        done = self.machine.atomic("get", "0199-1", "-o", "out")
        self.assertEqual(done.code, 1, done)
        self.assertEqual(done.err.count("file not written: "), len(hostile), done)
        written = {path for path in set(self.machine.root.rglob("*")) - before
                   if path.is_file() and "__pycache__" not in path.parts
                   and self.machine.home not in path.parents}
        self.assertEqual(written, {self.machine.root / "out" / "main.py"})

    def test_content_that_isnt_what_was_promised_is_refused(self) -> None:
        run = self.api.add(successful(), {})
        run.resource["files"][0]["sha256"] = "0" * 64
        done = self.machine.atomic("get", "0199-1", "-o", "out")
        self.assertIn("doesn't match its checksum", done.err)
        self.assertFalse((self.machine.root / "out" / "main.py").exists())


class ArtifactsFolder(ClientCase):
    """The shared folder in which artifacts land."""

    def test_a_folder_somebody_else_prepared_is_refused(self) -> None:
        (self.machine.root / "elsewhere").mkdir()
        self.machine.artifacts.symlink_to(self.machine.root / "elsewhere")
        saved = self.machine.root / "elsewhere"
        with self.assertRaisesRegex(CommandError, "is a link"), Client(self.api.url, None) as api:
            artifacts.save(api, {"id": "1", "files": []}, artifacts.Wish(),
                           self.machine.artifacts, self.machine.home)
        self.assertEqual(os.listdir(saved), [])

    def test_it_is_ours_alone(self) -> None:
        run = self.api.add(successful(), {})
        with Client(self.api.url, None) as api:
            saved = artifacts.save(api, run.resource, artifacts.Wish(), self.machine.artifacts,
                                   self.machine.home)
        for folder in (saved.folder, saved.folder.parent):
            self.assertEqual(stat.S_IMODE(Path(folder).stat().st_mode), 0o700)
