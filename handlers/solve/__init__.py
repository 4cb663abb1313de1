"""办结: the result in words and photos."""
