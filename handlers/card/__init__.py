"""The card of a case in every chat that has it, the sentences about it, and its whole story."""
