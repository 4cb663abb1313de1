"""What can be done here: one message, by role and chat."""
