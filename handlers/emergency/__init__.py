"""From calm to emergency and back: the switch, the plans, and the second person's word."""
