"""Hypothesis strategies: what a contract allows to be sent."""
