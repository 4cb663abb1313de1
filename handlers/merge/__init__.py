"""并单: what was reported before goes on as one case."""
