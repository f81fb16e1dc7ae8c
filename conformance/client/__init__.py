"""Requests to a target: transport, credentials, codecs, limits, redaction."""
