"""The operation model, the JSON Schemas derived from it, and the folder that keeps both."""
