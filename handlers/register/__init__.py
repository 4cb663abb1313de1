"""Binding a person to their home by the code on the slip that was handed over at the door."""
