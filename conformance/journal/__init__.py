"""The record of a run as it goes on: one SQLite file that survives whatever ends the run."""
