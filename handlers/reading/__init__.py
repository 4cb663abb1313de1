"""查阅: what is read for a reason, and written down."""
