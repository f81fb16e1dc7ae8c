"""Documentation pages in Markdown, read as operations."""
