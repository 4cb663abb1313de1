"""Plumbing that the features share: registry, context, words, keyboards."""
