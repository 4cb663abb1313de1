"""Bad input of every kind, made up without end: the same targets run a moment in the suite and for hours by hand.

    python -m tests.fuzz                          what can be fuzzed
    python -m tests.fuzz updates --seconds 600    one target for ten minutes, guided by coverage

A target is a strategy of Hypothesis and a check that must hold for whatever it makes. In the suite Hypothesis chooses;
by hand atheris does, which sees what code an input has reached. A failing input is kept and shown.
"""
