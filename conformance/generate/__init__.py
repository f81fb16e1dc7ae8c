"""Hypothesis strategies: bodies, selections, header values."""
