"""The first word in private: a short welcome and the menu; deep links go where they belong."""
