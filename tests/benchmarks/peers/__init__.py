"""What a user would write instead: small bots of the usual make, which store a report and promise nothing.

Each has ``async def store(raws, path) -> float``: handle these updates, one row a report in the SQLite file at *path*,
and return the seconds that it took.
"""
