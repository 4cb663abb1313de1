"""上报: what cannot be solved here goes one level up, with the reason."""
