"""Tests of the sample towns."""
