"""Working on a case: claim it, give it back or on, note, ask, correct its class."""
