"""The tests: sentences about Huying, told through the real application."""
