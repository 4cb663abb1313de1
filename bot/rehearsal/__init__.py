"""A rehearsal: the sample town lives through the messages of a file, by the sandbox's HTTP alone."""
