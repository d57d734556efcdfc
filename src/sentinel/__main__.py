"""Runs the command line: ``python -m sentinel``."""

from __future__ import annotations

import sys

from .cli import run

if __name__ == "__main__":  # worker processes import this module too
    sys.exit(run())
