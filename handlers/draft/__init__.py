"""The private draft: opened from a plaque, a link, the menu or by simply writing; filled, submitted once."""
