"""The quiet offer under a group message that reads like a report, and its switch."""
