"""延期: more time, asked before the deadline and ruled by the level above."""
