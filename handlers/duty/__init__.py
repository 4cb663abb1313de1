"""Duty changes hands: the list that the next one gets."""
