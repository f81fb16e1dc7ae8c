"""Answers, their elements, and equality: pure functions that send nothing."""
