"""How a finding is seen again: curl lines and replay."""
