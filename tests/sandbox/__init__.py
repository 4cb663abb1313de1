"""The sandbox against the documentation, two client libraries and plain HTTP."""
