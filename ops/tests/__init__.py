"""Tests of the `ops/atomic` command: real processes, a real local server, no network."""
