"""What the commands do, one module a command; ``cli`` only gathers them."""
