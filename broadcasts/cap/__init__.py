"""Common Alerting Protocol 1.2, in and out: the messages that warning centres exchange.

`reading` turns bytes into a `Message` or says what is wrong where; `writing` does the reverse; `prose` holds the rules
that stand in the standard's text and in no schema.
"""
