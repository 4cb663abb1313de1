"""What could be done to the bot; `docs/security.md` is the table."""
