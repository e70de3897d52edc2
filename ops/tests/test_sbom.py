"""`sbom`: what is merged, and the table of licences."""

import json
import unittest
import zipfile
from typing import Any

from cli import releases, sbom

from .machine import Machine

_HEADING = "preact 10.28.0, htm 3.1.1, highlight.js 11.11.1, uPlot 1.6.30 and diff 5.1.0, in this"
_REFERENCE = "swagger-ui 5.32.2, copyright SmartBear Software Inc., under the Apache License:"
_SPRING = {"type": "library", "group": "org.springframework", "name": "spring-core",
           "version": "7.0.0", "purl": "pkg:maven/org.springframework/spring-core@7.0.0?type=jar",
           "licenses": [{"license": {"id": "Apache-2.0"}}]}
_OURS = {"type": "library", "group": "dev.atomic", "name": "shared", "version": "0.1.0",
         "purl": "pkg:maven/dev.atomic/shared@0.1.0?type=jar"}
_TWO = {"type": "library", "name": "two", "version": "1", "purl": "pkg:maven/x/two@1",
        "licenses": [{"license": {"name": "The MIT License"}}, {"license": {"id": "EPL-2.0"}}]}


class SbomCase(unittest.TestCase):
    """On a machine of its own, with jars that hold nothing else."""

    def setUp(self) -> None:
        self.machine = self.enterContext(Machine())

    def _jar(self, module: str, components: list[dict[str, Any]], heading: str = "") -> None:
        path = releases.jar(self.machine.root, module)
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as jar:
            jar.writestr("META-INF/sbom/application.cdx.json",
                         json.dumps({"components": components}))
            if heading:
                jar.writestr("BOOT-INF/classes/console/lib/licenses.txt", heading + "\n\nMIT")
                jar.writestr("BOOT-INF/classes/swagger-ui/licenses.txt", _REFERENCE + "\n\nA")

    def test_merges_the_jars_each_component_once_and_none_of_our_own(self) -> None:
        self._jar("api", [_SPRING, _OURS], _HEADING)
        self._jar("worker", [_SPRING, _TWO])
        done = self.machine.atomic("sbom", "api", "worker")
        self.assertEqual(done.code, 0, done.err)
        document = json.loads(done.out)
        self.assertEqual((document["bomFormat"], document["specVersion"]), ("CycloneDX", "1.6"))
        names = [component["name"] for component in document["components"]]
        self.assertEqual(sorted(names), sorted(
            ["spring-core", "two", "preact", "htm", "highlight.js", "uPlot", "diff", "swagger-ui"]))

    def test_the_table_has_each_licence_once(self) -> None:
        self._jar("api", [_SPRING], _HEADING)
        self._jar("worker", [_TWO])
        done = self.machine.atomic("sbom", "--licences", "api", "worker")
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("| Apache-2.0 | htm, org.springframework:spring-core, swagger-ui |", done.out)
        self.assertIn("| EPL-2.0 or MIT | two |", done.out)

    def test_a_part_that_isn_t_built_or_known_is_said(self) -> None:
        done = self.machine.atomic("sbom", "api")
        self.assertEqual(done.code, 3)
        self.assertIn("build it: ./mvnw", done.err)
        self.assertEqual(self.machine.atomic("sbom", "engine").code, 2)

    def test_a_library_of_a_page_without_a_known_licence_is_an_error(self) -> None:
        with self.assertRaises(KeyError):
            sbom.of_page("left-pad 1.0.0, in this order.")
