"""The options of a run: one table for the command and for pytest."""
