"""The command conformance."""
