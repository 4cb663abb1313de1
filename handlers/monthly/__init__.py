"""At the beginning of a month the desks at the top get what each unit did in the one before."""
