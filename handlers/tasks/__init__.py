"""Tasks: what every worker of a subtree is to do by when, and how far they are."""
