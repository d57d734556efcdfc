"""How a dataset is validated."""

from __future__ import annotations

from typing import NamedTuple

from ..limits import DEFAULT_LIMITS, Limits
from ..pii.scanner import Options as PiiOptions
from ..pii.sources import Sampling


class Options(NamedTuple):
    """How a dataset is validated.

    Attributes:
        label: Name of the column that holds the label; empty to go by its name.
        text: Name of the column that holds the text; empty to go by its content.
        schema: Path of a schema of pandera in YAML or JSON; empty for none.
        pii: How personal data and credentials are looked for; None for not at all.
        limits: Bounds of each file's scan.
        rows: Rows of one table whose digests are kept, for duplicates and contradictions.
        sample: Texts of one table that are looked through for triggers.
        sampling: How much of a large file is read.
    """

    label: str = ""
    text: str = ""
    schema: str = ""
    pii: PiiOptions | None = PiiOptions(inline=False)
    limits: Limits = DEFAULT_LIMITS
    rows: int = 2_000_000
    sample: int = 20_000
    sampling: Sampling = Sampling()
