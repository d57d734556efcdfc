"""Names that are not what they look like: blanks, control marks, other alphabets, other case."""

from __future__ import annotations

_HOMOGLYPHS = str.maketrans(
    "\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u043a\u04cf\u043c\u043f\u043e\u0440\u051b"
    "\u0455\u0442\u03c5\u0475\u051d\u0445\u0443\u1d22\u0410\u0412\u0421\u0415\u041d\u0406"
    "\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425\u0391\u0392\u0395\u0396\u0397\u0399"
    "\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03b1\u03bf\u03bd\u03b9\u0131\u2113\u0261"
    "\u0251\uff3f\u203f\u2040\u2024\u3002\uff0e",
    "acdehijklmnopqstuvwxyzABCEHIJKMOPSTXABEZHIKMNOPTXaoviilga___...",
)
"""Letters of other alphabets that look like Latin ones: Cyrillic, Greek, a few of their kin."""

_INVISIBLE = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\ufeff\uffa0")


def is_plain(name: str) -> bool:
    """Return True for identifiers joined by dots, which is all that can be imported by name."""
    return bool(name) and (
        name.isidentifier() or all(part.isidentifier() for part in name.split("."))
    )


def looks_like(name: str) -> str:
    """Return the ASCII name that a reader would take this for, as far as that can be told."""
    if not name.isascii():
        # unicodedata costs a shared library; ordinary names never come here.
        from unicodedata import category, combining, normalize

        name = normalize("NFKD", normalize("NFKC", name).translate(_HOMOGLYPHS))
        name = "".join(
            char
            for char in name
            if char not in _INVISIBLE and not combining(char) and category(char)[0] not in "CZ"
        )
    return "".join(char for char in name if char > " " and char != "\x7f").strip(".")
