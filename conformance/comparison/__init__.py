"""Pure: answers, their elements, and what is equal."""
