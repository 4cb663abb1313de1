"""/mine and /case: the way back to a case, and what its reporter can do with it."""
