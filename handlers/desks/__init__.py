"""A unit above the grids at its desk: what waits, what is late; dispatch, supervise, refuse."""
