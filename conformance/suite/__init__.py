"""The requirements as pytest tests, one module a chapter of the page, and what runs them."""
