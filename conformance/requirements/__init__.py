"""The requirements, one module a chapter."""
