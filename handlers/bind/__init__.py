"""Binding chats to units, and following what Telegram does to them."""
