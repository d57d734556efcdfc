"""The compiled catalogue says what the tables say."""

from __future__ import annotations

from sentinel.pii import catalog as module
from tools.make_catalog import FOLDER


def test_the_compiled_catalogue_is_in_step_with_the_tables() -> None:
    text = (FOLDER / module.COMPILED).read_text(encoding="utf-8")
    assert text == module.compiled(), "run `python -m tools.make_catalog`"


def test_it_is_the_same_as_the_tables() -> None:
    texts = [(FOLDER / f"{name}.toml").read_bytes() for name in module._FILES]
    compiled = module.catalog()
    assert compiled.cue_patterns  # made ahead; the tables alone have none
    assert compiled._replace(cue_patterns=()) == module.parse(texts)


def test_tables_that_were_edited_have_another_checksum() -> None:
    texts = [*module._texts()[:-1], b""]
    assert module.checksum(texts) != module.checksum(module._texts())
    assert len(module.parse(texts).rules) < len(module.catalog().rules)
