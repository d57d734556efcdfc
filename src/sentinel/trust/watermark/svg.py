"""A few shapes of SVG, readable on light and dark ground, without a library."""

from __future__ import annotations

from html import escape

_STYLE = """
.ground{fill:#ffffff}.ink{fill:#1b1f24}.soft{fill:#57606a}.law{fill:#8fb4e3}.good{fill:#0a5fb4}
.bad{fill:#b3261e}.line{stroke:#d0d7de;stroke-width:1}.bar{stroke:#57606a;stroke-width:1.2;
stroke-dasharray:4 3}.own{fill:#0a5fb4}.own.no{fill:#b3261e}
text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",Arial,sans-serif}
@media(prefers-color-scheme:dark){.ground{fill:#0d1117}.ink{fill:#e6edf3}.soft{fill:#9ea7b3}
.law{fill:#2f5d94}.good{fill:#6cb2ff}.bad{fill:#ff8a80}.line{stroke:#30363d}.bar{stroke:#9ea7b3}
.own{fill:#6cb2ff}.own.no{fill:#ff8a80}}
"""
_WIDTH_OF_A_LETTER = 0.56


class Drawing:
    """A drawing that is added to.

    Args:
        width: In pixels.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._shapes: list[str] = []

    def text(
        self, x: float, y: float, text: str, *, size: int = 12, look: str = "ink",
        anchor: str = "start", bold: bool = False,
    ) -> None:  # fmt: skip
        """Write a line of text at its baseline; characters that cannot be shown become ``?``."""
        weight = ' font-weight="600"' if bold else ""
        self._shapes.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
            f' class="{look}"{weight}>{shown(text)}</text>'
        )

    def line(self, x: float, y: float, to_x: float, to_y: float, *, look: str = "line") -> None:
        """Draw a straight line."""
        self._shapes.append(
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" class="{look}"/>'
        )

    def rectangle(self, x: float, y: float, width: float, height: float, *, look: str) -> None:
        """Draw a filled rectangle."""
        self._shapes.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
            f' class="{look}"/>'
        )

    def area(self, points: list[tuple[float, float]], *, look: str) -> None:
        """Draw a filled polygon."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._shapes.append(f'<polygon points="{path}" class="{look}"/>')

    def dot(self, x: float, y: float, *, look: str, hollow: bool = False) -> None:
        """Draw a dot, or a ring."""
        self._shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" class="{look}"/>')
        if hollow:
            self._shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" class="ground"/>')

    def diamond(self, x: float, y: float, *, look: str) -> None:
        """Draw a diamond."""
        self.area([(x, y - 8), (x + 8, y), (x, y + 8), (x - 8, y)], look=look)

    def finished(self, height: float, title: str, description: str) -> str:
        """Return the file.

        Args:
            height: In pixels.
            title: What a screen reader says first.
            description: What the drawing shows, in full sentences.
        """
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height:.0f}"'
            f' width="{self.width}" height="{height:.0f}" role="img"'
            f' aria-labelledby="title description">\n<title id="title">{shown(title)}</title>\n'
            f'<desc id="description">{shown(description)}</desc>\n<style>{_STYLE}</style>\n'
            f'<rect width="100%" height="100%" class="ground"/>\n'
        )
        return head + "\n".join(self._shapes) + "\n</svg>\n"


def shown(text: str) -> str:
    """Return text as markup shows it."""
    return escape("".join(one if one.isprintable() else "?" for one in text))


def width_of(text: str, size: int = 12) -> float:
    """Return about how many pixels wide a line of text is."""
    return len(text) * size * _WIDTH_OF_A_LETTER


def wrapped(text: str, pixels: float, size: int = 12) -> list[str]:
    """Return text in lines that are no wider than some pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, size) > pixels and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
