"""Known failures: read, applied to results, and written."""
