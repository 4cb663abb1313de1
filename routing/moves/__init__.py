"""The rules behind the table of moves: one small pure function per (status, event)."""
