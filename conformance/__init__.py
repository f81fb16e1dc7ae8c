"""Contract and conformance test suite for documented web APIs."""

__version__ = "0.1.0"
