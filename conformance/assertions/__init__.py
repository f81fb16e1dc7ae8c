"""What a requirement asserts: verbs for authors."""
