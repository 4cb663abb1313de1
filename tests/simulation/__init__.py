"""The whole program in virtual time: all that happens is drawn from a seed, and the same seed is the same history.

``python -m tests.simulation SEED`` lives one history and says what was wrong; the parts are told in
``docs/simulation.md``.
"""
