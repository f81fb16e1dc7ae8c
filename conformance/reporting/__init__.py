"""From a finished run to its verdict and reports."""
