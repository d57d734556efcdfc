"""Reads a page as a strict reader would: every element closed, nothing but what may be there."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "input", "rect", "path"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "h2", "h3", "h4",
    "h5", "dl", "div", "dt", "dd", "code", "bdi", "span", "main", "nav", "ul", "li", "b", "i",
    "section", "svg", "path", "rect", "text", "desc", "figure", "figcaption", "form", "label",
    "input", "kbd", "fieldset", "legend", "select", "option", "output", "button", "article",
    "details", "summary", "pre", "table", "thead", "tbody", "tr", "th", "td", "footer", "script",
    "strong",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "tabindex", "role",
    "hidden", "type", "placeholder", "autocomplete", "spellcheck", "value", "checked", "open",
    "dir", "width", "height", "viewbox", "d", "x", "y", "rx", "text-anchor", "aria-label",
    "aria-labelledby", "aria-hidden", "aria-keyshortcuts", "data-s", "data-r", "data-f",
}  # fmt: skip


class Element:
    """A start tag and all the text below it."""

    def __init__(self, tag: str, attributes: dict[str, str], said: list[str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self._said = said
        self.start = self.end = len(said)

    @property
    def text(self) -> str:
        return "".join(self._said[self.start : self.end])

    def has(self, kind: str) -> bool:
        return kind in self.attributes.get("class", "").split()


class Page(HTMLParser):
    """A page, checked while it is read.

    Args:
        text: The page.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self._said: list[str] = []
        self.elements: list[Element] = []
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open[-1].tag}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert tag in TAGS, f"<{tag}> has no place in the page"
        assert set(names) <= ATTRIBUTES, f"<{tag}> with {set(names) - ATTRIBUTES}"
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs}, self._said)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        element = self._open.pop()
        assert element.tag == tag, f"<{element.tag}> is closed by </{tag}>"
        element.end = len(self._said)

    def handle_data(self, data: str) -> None:
        self._said.append(data)

    @property
    def text(self) -> list[str]:
        """All text, but for scripts and styles."""
        left_out = {n for e in self.elements if e.tag in ("script", "style")
                    for n in range(e.start, e.end)}  # fmt: skip
        return [data for number, data in enumerate(self._said) if number not in left_out]

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")

    def all(self, tag: str = "", kind: str = "", id: str = "") -> list[Element]:
        """Return the elements with a tag, a class, an id."""
        return [
            element
            for element in self.elements
            if (not tag or element.tag == tag)
            and (not kind or element.has(kind))
            and (not id or element.attributes.get("id") == id)
        ]

    def one(self, tag: str = "", kind: str = "", id: str = "") -> Element:
        """Return the only such element."""
        (found,) = self.all(tag, kind, id)
        return found

    @property
    def words(self) -> str:
        """All text, but for scripts and styles, with single spaces."""
        return " ".join("".join(self.text).split())

    def check(self) -> None:
        """Check what holds of every page: its policy, its links, its names."""
        style, script = self.one("style").text, self.one("script").text
        assert self.policy() == {
            "default-src": "'none'",
            "style-src": f"'{_digest(style)}'",
            "script-src": f"'{_digest(script)}'",
            "base-uri": "'none'",
            "form-action": "'none'",
        }
        assert not re.search(r"url\(|@import|expression|http", style)
        assert not re.search(
            r"https?:|fetch|XMLHttp|import\(|localStorage|cookie|innerHTML", script
        )
        names = Counter(e.attributes["id"] for e in self.elements if "id" in e.attributes)
        assert max(names.values()) == 1, names.most_common(2)
        for element in self.elements:
            target = element.attributes.get("href")
            if target is not None:
                assert re.fullmatch(r"#[a-zA-Z0-9-]+", target), target
                assert target[1:] in names, target
            for name in element.attributes.get("aria-labelledby", "").split():
                assert name in names, name
            assert element.attributes.get("tabindex", "-1") in ("-1", "0")
        for text in self.text:
            assert text.replace("\n", "").isprintable(), text
        for element in self.elements:
            if element.tag not in ("script", "style"):
                assert all(value.isprintable() for value in element.attributes.values())

    def policy(self) -> dict[str, str]:
        """Return the directives of the content security policy."""
        (meta,) = [e for e in self.all("meta") if "http-equiv" in e.attributes]
        assert meta.attributes["http-equiv"] == "Content-Security-Policy"
        parts = (part.strip().partition(" ") for part in meta.attributes["content"].split(";"))
        return {name: value for name, _, value in parts}


def read(text: str) -> Page:
    """Return a page that holds what every page must."""
    assert text.isascii()
    page = Page(text)
    page.check()
    return page


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()
