"""Measures of matching; `make eval`."""
