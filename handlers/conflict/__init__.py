"""回避: units and people that a case is about stay out of it."""
