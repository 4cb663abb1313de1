"""SQL: tables, queries and the one writer behind routing's Protocols."""
