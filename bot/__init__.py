"""Wiring, the command line, the clock and the courier: the only package that knows all others."""
