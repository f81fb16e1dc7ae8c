"""What the help of commands with a verdict says of their exit status."""

EPILOG = "Exit status: 0 conformant, 1 non-conformant, 2 wrong usage or input, 3 inconclusive, 4 target not testable."
