"""The language: a person's own, or a group's by its staff."""
