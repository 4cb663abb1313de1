"""回访: a reporter who did not rate is called, and what they say is written down as told by telephone."""
