"""Broadcasts: who is told what, and who has confirmed it."""
