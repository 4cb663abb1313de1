"""Roll-calls: a form to every household, the list of the missing, and runners who answer at the door."""
