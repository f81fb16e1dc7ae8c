"""Two conforming servers on other stacks, and how each can differ without breaking the page; they share no code with `conformance`."""
