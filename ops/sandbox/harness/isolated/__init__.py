"""Tests of Python judged where the tested program isn't: ops/sandbox/PROTOCOL.md."""
