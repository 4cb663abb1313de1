"""Alembic migrations: what each costs and the way back is in its docstring."""
