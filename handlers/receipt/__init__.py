"""收到 and 需要帮助: the message in the residents' chats, its reminders, and what people press under it."""
