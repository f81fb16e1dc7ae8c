"""The target: credentials, requests over HTTP, codecs, limits, recording, redaction."""
