"""People who come into a residents' chat: one short welcome for all who come within a minute."""
