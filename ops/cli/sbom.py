"""`sbom`: what the product is made of and under which licences, as CycloneDX.

The Java parts come from the jars, where the build puts them; the libraries of the console and of
the HTTP reference from what the api's jar serves; the agent's from the Python it runs under. So it
says what is there, not what was asked for.
"""

import json
import re
import subprocess
import sys
import zipfile
from argparse import Namespace
from typing import Any, TypeAlias

from . import interpreter, releases
from .errors import SUCCEEDED, StackError, UsageError
from .settings import Settings
from .text import Terminal

Component: TypeAlias = dict[str, Any]

PARTS = (*releases.MODULES, "agent")
_IN_JAR = "META-INF/sbom/application.cdx.json"
_PAGES = ("BOOT-INF/classes/console/lib/licenses.txt",
          "BOOT-INF/classes/swagger-ui/licenses.txt")
_PAGES_LICENCES = {"preact": "MIT", "htm": "Apache-2.0", "highlight.js": "BSD-3-Clause",
                   "uPlot": "MIT", "diff": "BSD-3-Clause", "swagger-ui": "Apache-2.0"}
_SPELLINGS = {
    "Apache License 2.0": "Apache-2.0", "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0", "BSD License": "BSD-3-Clause", "BSD": "BSD-3-Clause",
    "MIT License": "MIT", "The MIT License": "MIT", "3-Clause BSD License": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Prints httpx and all it needs: name, version, licence. Runs under the agent's Python. What is
# loaded counts as well as what is declared: Debian's packages don't declare everything.
_CLOSURE = """
import contextlib, importlib.metadata as m, json, re, sys
before = set(sys.modules)
import httpx
with contextlib.suppress(ImportError):
    import anyio  # not before the first connection
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
found, waiting = {}, ["httpx"]
for module, names in m.packages_distributions().items():
    if module in loaded:
        waiting += names
while waiting:
    name = waiting.pop()
    try:
        of = m.distribution(name)
    except m.PackageNotFoundError:
        continue
    key = of.metadata["Name"].lower()
    if key in found:
        continue
    kinds = [c.split(" :: ")[-1] for c in of.metadata.get_all("Classifier") or []
             if c.startswith("License :: ")]
    said = of.metadata.get("License-Expression") or (kinds or [of.metadata.get("License") or ""])[0]
    found[key] = [of.metadata["Name"], of.version, said.splitlines()[0] if said else ""]
    waiting += [re.split(r"[^A-Za-z0-9._-]", need)[0] for need in of.requires or []
                if "extra ==" not in need]
print(json.dumps(sorted(found.values())))
"""


def sbom(settings: Settings, args: Namespace, _: Terminal) -> int:
    """Print the document, or the licences alone."""
    unknown = [part for part in args.part if part not in PARTS]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no part: {', '.join(PARTS)}")
    components = merged(settings, args.part or list(PARTS))
    if args.licences:
        sys.stdout.write(licences(components))
    else:
        json.dump(document(components), sys.stdout, indent=2)
        sys.stdout.write("\n")
    return SUCCEEDED


def document(components: list[Component]) -> dict[str, Any]:
    """The whole document."""
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
            "metadata": {"component": {"type": "application", "name": "atomic-orchestrator",
                                       "bom-ref": "atomic-orchestrator"}},
            "components": components}


def merged(settings: Settings, parts: list[str]) -> list[Component]:
    """The components of these parts, each once. Raises StackError when a jar isn't built."""
    found: dict[str, Component] = {}
    for part in parts:
        for component in _of_agent(settings) if part == "agent" else _of_jar(settings, part):
            found.setdefault(component["purl"], component)
    return [found[purl] for purl in sorted(found)]


def _of_jar(settings: Settings, module: str) -> list[Component]:
    path = releases.jar(settings.root, module)
    try:
        with zipfile.ZipFile(path) as jar:
            components: list[Component] = json.loads(jar.read(_IN_JAR))["components"]
            for page in _PAGES:
                if page in jar.namelist():
                    components += of_page(jar.read(page).decode())
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as failure:
        raise StackError(f"{path} has no list of components ({failure}); build it: "
                         "./mvnw -DskipTests package") from failure
    return [each for each in components if not each["purl"].startswith("pkg:maven/dev.atomic/")]


def of_page(heading: str) -> list[Component]:
    """The libraries of a page, from the first line of the file with their licences."""
    return [_component(f"pkg:npm/{name}@{version}", name, version, _PAGES_LICENCES[name])
            for name, version in re.findall(r"(\S+) (\d+(?:\.\d+)+)", heading.split("\n", 1)[0])]


def _of_agent(settings: Settings) -> list[Component]:
    """httpx and what it needs; nothing where the agent's Python has none."""
    python = interpreter.with_httpx(settings)
    if python is None:
        return []
    done = subprocess.run([str(python), "-c", _CLOSURE], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=20, check=False)
    if done.returncode != 0:
        raise StackError(f"{python} doesn't say what it has: {done.stderr.decode()[-300:]}")
    return [_component(f"pkg:pypi/{name.lower()}@{version}", name, version, said)
            for name, version, said in json.loads(done.stdout)]


def _component(purl: str, name: str, version: str, licence: str) -> Component:
    component: Component = {"type": "library", "bom-ref": purl, "name": name, "version": version,
                            "purl": purl}
    if licence:
        component["licenses"] = [{"license": {"name": _SPELLINGS.get(licence, licence)}}]
    return component


def licences(components: list[Component]) -> str:
    """A table: each licence, and what is under it."""
    under: dict[str, list[str]] = {}
    for component in components:
        group = component.get("group")
        name = f"{group}:{component['name']}" if group else str(component["name"])
        under.setdefault(_licence(component), []).append(name)
    lines = ["| licence | components |", "|---|---|"]
    lines += [f"| {licence} | {', '.join(sorted(set(names)))} |"
              for licence, names in sorted(under.items())]
    return "\n".join(lines) + "\n"


def _licence(component: Component) -> str:
    said = []
    for each in component.get("licenses", []):
        licence = each.get("license", {})
        name = str(each.get("expression") or licence.get("id") or licence.get("name"))
        said.append(_SPELLINGS.get(name, name))
    return " or ".join(sorted(set(said))) or "not said"
