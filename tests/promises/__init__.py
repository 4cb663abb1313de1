"""The requirements that hold from the first version on, one file for each theme; `docs/promises.md` is the table."""
