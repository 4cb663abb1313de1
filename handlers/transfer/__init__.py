"""转办: a case goes to the unit of the same rank whose it is."""
