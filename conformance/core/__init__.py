"""What knows nothing of contracts, requirements or targets: errors, files, TOML, text, media types, signals."""
