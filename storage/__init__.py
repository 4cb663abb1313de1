"""SQL: tables, queries and the one writer behind routing's Protocols."""

from storage import driver as driver  # first of all: it decides which SQLite everybody else in this process gets
