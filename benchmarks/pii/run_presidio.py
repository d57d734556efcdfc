"""Scan a folder with Presidio's analyzer and write a JSON object for each finding.

    python run_presidio.py FOLDER OUTPUT [MODEL]

Runs in Presidio's own environment. Without a spaCy model, an engine that finds no names stands in,
so that only patterns count.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

presidio: Any = import_module("presidio_analyzer")
nlp: Any = import_module("presidio_analyzer.nlp_engine")
# The library's copy of the list of domains, not the one in the net.
domains: Any = import_module("tldextract")
domains.extract = domains.TLDExtract(suffix_list_urls=())
SCORE = 0.5


class Silent(nlp.NlpEngine):  # type: ignore[misc]
    """An engine that finds nothing."""

    engine_name = "silent"
    is_available = True

    def load(self) -> None:
        pass

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> Any:
        return nlp.NlpArtifacts([], [], [], [], self, language)

    def process_batch(self, texts: Iterable[str], language: str, **_: Any) -> Iterator[Any]:
        return ((text, self.process_text(text, language)) for text in texts)

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return False

    def get_supported_entities(self) -> list[str]:
        return []

    def get_supported_languages(self) -> list[str]:
        return ["en"]


class Still:
    """A context enhancer that enhances nothing."""

    def enhance_using_context(self, text: str, raw_results: Any, *_: Any, **__: Any) -> Any:
        return raw_results


def analyzer(model: str) -> Any:
    """Return the analyzer with a model or, with none, with patterns alone."""
    if model:
        entry = {"lang_code": "en", "model_name": model}
        setup = {"nlp_engine_name": "spacy", "models": [entry]}
        engine = nlp.NlpEngineProvider(nlp_configuration=setup).create_engine()
        return presidio.AnalyzerEngine(nlp_engine=engine)
    registry = presidio.RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    return presidio.AnalyzerEngine(
        registry=registry, nlp_engine=Silent(), context_aware_enhancer=Still()
    )


def main() -> None:
    """Scan and write."""
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    engine = analyzer(sys.argv[3] if len(sys.argv) > 3 else "")
    with output.open("w", encoding="utf-8") as out:
        for path in sorted(folder.rglob("*")):
            if not path.is_file():
                continue
            text = path.read_text("utf-8", "replace")
            for found in engine.analyze(text, language="en", score_threshold=SCORE):
                before = len(text[: found.start].encode())
                size = len(text[found.start : found.end].encode())
                entry = {
                    "file": path.relative_to(folder).as_posix(), "type": found.entity_type,
                    "start": before, "end": before + size,
                    "line": text.count("\n", 0, found.start) + 1,
                }  # fmt: skip
                out.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
