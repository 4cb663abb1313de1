"""Reports in a group by every road, what is added to them afterwards, and edits; `/report` in private, too."""
