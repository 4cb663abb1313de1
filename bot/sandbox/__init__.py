"""A local Telegram: speaks the Bot API over HTTP and knows nothing of the rest of the project."""
