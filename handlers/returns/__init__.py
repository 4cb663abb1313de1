"""退回: a unit says that a case is not its own, and the level above rules."""
