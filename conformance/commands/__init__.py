"""The subcommands that have a module of their own: options in, one function called, lines out."""
