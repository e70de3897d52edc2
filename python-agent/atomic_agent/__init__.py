"""The language model agent: one process between the workers and the model providers."""

__version__ = "0.1.0"
