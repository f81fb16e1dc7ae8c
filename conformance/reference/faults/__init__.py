"""The faults of the reference server."""
