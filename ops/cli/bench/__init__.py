"""Benchmarks and the chaos test: real processes of their own, loads over HTTP, a checker."""
