"""Holds the errors of jobs that ``docs/failures.md`` says the agent sets to those it can send."""

import re
import unittest
from pathlib import Path

from atomic_agent.messages import RETRYABLE_BY_DEFAULT, ErrorCode

TABLE = Path(__file__).parents[2] / "docs" / "failures.md"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]*) \|[^|]*\|[^|]*\| ([^|]*) \|", re.MULTILINE)


class FailureTableTest(unittest.TestCase):
    def test_the_table_has_every_code_of_the_agent_and_whether_it_is_tried_again(self) -> None:
        text = TABLE.read_text(encoding="utf-8")
        section = text[text.index("\n## Errors of jobs"):text.index("\n### What is tried again")]
        told = {
            code: tried_again == "yes"
            for code, set_by, tried_again in ROW.findall(section)
            if "agent" in set_by
        }
        self.assertEqual({code.value: code in RETRYABLE_BY_DEFAULT for code in ErrorCode}, told)


if __name__ == "__main__":
    unittest.main()
