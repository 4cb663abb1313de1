"""Programs that make the data files; not shipped."""
