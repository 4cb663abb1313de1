"""/broadcast and /broadcasts: composing, approving, steering and watching what is told to many."""
