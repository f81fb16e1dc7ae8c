"""What knows nothing of contracts, requirements or targets: errors, files, text, signals."""
