"""The labelled corpus: hostile files with their nearest benign neighbours, and ordinary files."""
