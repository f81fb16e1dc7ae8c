"""The options of a run: one table, from which the command's, pytest's and the configuration's are made."""
