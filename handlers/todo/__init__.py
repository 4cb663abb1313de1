"""/todo: everything that a worker owes, in one list."""
