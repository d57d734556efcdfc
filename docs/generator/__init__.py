"""Writes the pages of docs/reference that come out of the source: ``python -m docs.generator``."""
