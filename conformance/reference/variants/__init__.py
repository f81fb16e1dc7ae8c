"""The conforming variants of the reference server."""
