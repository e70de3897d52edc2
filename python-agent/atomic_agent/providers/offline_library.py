"""The offline provider's programs: real files in `offline_programs`, described by program.json."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).with_name("offline_programs")

_FENCE_LANGUAGES = {".py": "python", ".mjs": "javascript", ".js": "javascript", ".c": "c",
                    ".h": "c", ".cpp": "cpp", ".sh": "bash", ".html": "html", ".json": "json",
                    ".csv": "csv"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    path: str
    content: str

    def fenced(self) -> str:
        """The file as a named Markdown block, whose fence its content can't end."""
        fence = "```"
        while fence in self.content:
            fence += "`"
        language = _FENCE_LANGUAGES.get(Path(self.path).suffix, "text")
        return f"{fence}{language} {self.path}\n{self.content.rstrip()}\n{fence}\n"


@dataclass(frozen=True, slots=True)
class Variant:
    """One program in one language. `first_round` replaces files in round 0, to need a repair."""

    language: str
    framework: str | None
    directory: Path
    run: str
    mutation: Mapping[str, str]
    files: tuple[SourceFile, ...]
    first_round: tuple[SourceFile, ...] = ()

    def files_of_round(self, number: int) -> tuple[SourceFile, ...]:
        if number >= 1:
            return self.files
        replaced = {file.path: file for file in self.first_round}
        return tuple(replaced.get(file.path, file) for file in self.files)


@dataclass(frozen=True, slots=True)
class Program:
    """`needs`: of each group of terms one must be in a prompt; `knows`: what else it covers."""

    name: str
    title: str
    summary: str
    examples: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    knows: tuple[str, ...]
    spec: str
    docs: str
    variants: tuple[Variant, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(variant.language for variant in self.variants))

    def variant(self, language: str, framework: str | None = None) -> Variant | None:
        """The variant for a language, its first one unless a framework is asked for."""
        return next((variant for variant in self.variants if variant.language == language
                     and framework in (None, variant.framework)), None)


def load_library(root: Path = LIBRARY) -> tuple[Program, ...]:
    """All programs below `root`, by name. Raises OSError, ValueError or KeyError if one is bad."""
    folders = sorted(path.parent for path in root.glob("*/program.json"))
    return tuple(_program(folder) for folder in folders)


def _program(folder: Path) -> Program:
    described = json.loads((folder / "program.json").read_text(encoding="utf-8"))
    return Program(
        name=folder.name,
        title=described["title"],
        summary=described["summary"],
        examples=tuple(described["examples"]),
        needs=tuple(tuple(group) for group in described["needs"]),
        knows=tuple(described["knows"]),
        spec=(folder / "spec.md").read_text(encoding="utf-8"),
        docs=(folder / "docs.md").read_text(encoding="utf-8"),
        variants=tuple(_variant(folder, entry) for entry in described["variants"]),
    )


def _variant(folder: Path, entry: Mapping[str, Any]) -> Variant:
    directory = folder / entry["directory"]
    first_round = entry.get("first_round")
    files = tuple(_source_files(directory))
    if not files:
        raise ValueError(f"{directory} has no files")
    return Variant(
        language=entry["language"],
        framework=entry.get("framework"),
        directory=directory,
        run=entry["run"],
        mutation=entry["mutation"],
        files=files,
        first_round=tuple(_source_files(folder / first_round)) if first_round else (),
    )


def _source_files(directory: Path) -> Iterator[SourceFile]:
    """The files below a directory, the entry file first; what tools left behind isn't one."""
    found = [path for path in directory.rglob("*") if path.is_file()
             and not any(part.startswith((".", "__pycache__"))
                         for part in path.relative_to(directory).parts)]
    for path in sorted(found, key=lambda path: (path.stem != "main", path)):
        yield SourceFile(path.relative_to(directory).as_posix(), path.read_text(encoding="utf-8"))
