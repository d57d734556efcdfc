"""HDF5: groups, attributes and datasets, read without the library and without the raw data."""

from __future__ import annotations

from .model import Attribute, Dataset, Filter, Hdf5File, Link, Source
from .parse import looks_like_hdf5, parse

__all__ = [
    "Attribute", "Dataset", "Filter", "Hdf5File", "Link", "Source", "looks_like_hdf5", "parse",
]  # fmt: skip
