"""Discovery: it finds facts about a target before its requirements are tried."""
