"""What is learned of a target before its requirements are tried."""
