"""The version, kept in a module of its own so that start-up needs no package metadata."""

__version__ = "0.1.0"
