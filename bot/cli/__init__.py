"""One file per command; a command's docstring is its help."""
