"""Messages that the bot can't take are answered with what works, never ignored."""
