"""The linter: where a page contradicts itself, or another one; what the compiler assumed there."""
