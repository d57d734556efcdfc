"""Write the generated pages, or with ``--check`` only say which are out of date.

The pages are committed, so that they can be read without building anything; the tests compare them
with what this makes. Nothing in them depends on the version of Python.
"""

from __future__ import annotations

import sys

from .pages import main

sys.exit(main())
