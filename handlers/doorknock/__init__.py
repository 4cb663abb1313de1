"""敲门清单: households that have not confirmed, by building, and what was found at their doors."""
