"""How requirements are run; it knows none of them."""
