"""Configurations of model directories: recognised by name and content, facts from any depth."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import Verdict, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import LimitExceeded, ParseError, SentinelError
from sentinel.findings import Severity
from sentinel.formats.model_config import CodeReference, ModelConfig, looks_like_config, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.corpus.malicious.templates import HOST


def model_of(document: Any, name: str = "config.json") -> ModelConfig:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    model = parse(Artifact(name, MemoryReader(data)), Budget()).model
    assert isinstance(model, ModelConfig)
    return model


def ids(document: Any, name: str = "config.json") -> set[tuple[str, Severity]]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    report = scan_bytes(data, name)
    assert report.formats[0] == "model-config"
    return {(one.rule_id, one.severity) for one in report.findings}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("config.json", "model_type"), ("tokenizer_config.json", "tokenizer_class"),
        ("generation_config.json", "transformers_version"), ("tokenizer.json", "version"),
        ("preprocessor_config.json", "image_processor_type"), ("chat_template.json", "x"),
        ("processor_config.json", "processor_class"), ("adapter_config.json", "peft_type"),
        ("model.safetensors.index.json", "weight_map"), ("model_index.json", "_class_name"),
    ],
)  # fmt: skip
def test_files_are_known_by_name_and_content(name: str, key: str) -> None:
    report = scan_bytes(json.dumps({"a": [1], key: "x"}, indent=2).encode(), f"m/{name}")
    assert report.formats[0] == "model-config"
    assert report.verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("config.json", {"module": "keras", "class_name": "Functional", "config": {}}),
        ("config.json", {"learner": {"learner_model_param": {}}, "version": [3, 2, 0]}),
        ("tsconfig.json", {"model_type": "x"}), ("package.json", {"architectures": ["x"]}),
        ("config.json", {"port": 80}), ("model.json", {"model_type": "x"}),
    ],
)  # fmt: skip
def test_other_json_is_left_alone(name: str, document: Any) -> None:
    data = json.dumps(document).encode()
    assert not looks_like_config(Artifact(name, MemoryReader(data)), data)


def test_a_key_far_behind_is_found() -> None:
    assert ids({"x": "y" * 9000, "model_type": "x"}) == set()


def test_code_in_this_repository_is_low() -> None:
    document = {
        "model_type": "x",
        "auto_map": {"AutoConfig": "configuration_x.XConfig", "AutoModel": "modeling_x.XModel"},
    }
    assert ids(document) == {("SNT1417", Severity.LOW)}
    assert model_of(document).code[1] == CodeReference(
        "auto_map.AutoModel", "modeling_x.XModel", ""
    )


def test_code_in_another_repository_is_high_at_any_depth() -> None:
    inner = {"auto_map": {"AutoModel": "someone/else--modeling_x.XModel"}}
    assert ids({"model_type": "x", "text_config": inner}) == {("SNT1419", Severity.HIGH)}
    (found,) = model_of({"text_config": inner}).code
    assert (found.repository, found.target) == ("someone/else", "modeling_x.XModel")


def test_a_configuration_that_trusts_itself() -> None:
    assert ids({"model_type": "x", "trust_remote_code": True}) == {("SNT1417", Severity.LOW)}
    assert ids({"model_type": "x", "trust_remote_code": False}) == set()


def test_a_key_that_occurs_twice() -> None:
    data = b'{"model_type": "a", "auto_map": {}, "auto_map": {"A": "b.C"}}'
    assert ids(data) == {("SNT1416", Severity.LOW), ("SNT1417", Severity.LOW)}


def test_every_form_of_a_chat_template_is_a_member() -> None:
    forms = [HOST, {"a": HOST, "b": HOST}, [{"name": "a", "template": HOST}, {"name": "b"}, "x", 1]]
    names = []
    for form in forms:
        data = json.dumps({"tokenizer_class": "X", "chat_template": form}).encode()
        parsed = parse(Artifact("tokenizer_config.json", MemoryReader(data)), Budget())
        names.append([member.name for member in parsed.members])
    assert names == [
        ["chat_template"], ["chat_template.a", "chat_template.b"], ["chat_template.a"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [b'{"model_type": ' + b"[" * 100_000, b'{"model_type": "\xff"}', b'{"model_type"', b"[1]"],
)
def test_what_is_no_json_object_is_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(ParseError):
        model_of(data)


def test_a_million_entries_are_bounded() -> None:
    code = {f"a{number}": "a.B" for number in range(100_000)}
    with pytest.raises(LimitExceeded):
        model_of({"auto_map": code})
    with pytest.raises(LimitExceeded):
        model_of(b'{"a": [' + b"{}," * 2_000_001 + b"1]}")


keys = st.sampled_from(
    ["auto_map", "chat_template", "weight_map", "custom_pipelines", "trust_remote_code", "impl"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(keys, values, max_size=5))
def test_any_object_gives_a_model_or_one_of_our_errors(document: Any) -> None:
    try:
        parsed = parse(
            Artifact("config.json", MemoryReader(json.dumps(document).encode())), Budget()
        )
        for member in parsed.members:
            member.open()
    except SentinelError:
        return


@pytest.mark.parametrize("key", ["attn_implementation", "_attn_implementation"])
@pytest.mark.parametrize(
    "value", ["owner/kernel", "owner/kernel@main", "paged|owner/kernel:fn", {"": "owner/kernel"}]
)
def test_attention_out_of_a_repository_is_foreign_code(key: str, value: Any) -> None:
    report = scan_bytes(json.dumps({"model_type": "bert", key: value}).encode(), "config.json")
    found = {finding.rule_id: finding for finding in report.findings}
    assert "owner/kernel" in found["SNT1419"].message


@pytest.mark.parametrize(
    "value", ["sdpa", "flash_attention_2", "kernels-community/flash-attn", {"text": "eager"}, None]
)
def test_attention_of_the_library_is_ordinary(value: Any) -> None:
    document = {"model_type": "bert", "attn_implementation": value}
    assert not scan_bytes(json.dumps(document).encode(), "config.json").findings


def tokenizer(**parts: Any) -> set[str]:
    document = {"version": "1.0", "model": {"type": "BPE", "vocab": {}}, **parts}
    report = scan_bytes(json.dumps(document).encode(), "tokenizer.json")
    return {finding.rule_id for finding in report.findings}


@pytest.mark.parametrize(
    ("part", "old", "new", "found"),
    [
        ("decoder", "https://", "https://example.com/?to=", True),
        ("normalizer", "refuse", "agree", True),
        ("decoder", "\u2581", " ", False),
        ("normalizer", "``", '"', False),
        ("normalizer", "\n", "<n>", False),
        ("decoder", "[UNUSED]", "", False),
    ],
)
def test_steps_that_put_words_in(part: str, old: str, new: str, found: bool) -> None:
    step = {"type": "Replace", "pattern": {"String": old}, "content": new}
    for held in (step, {"type": "Sequence", f"{part}s": [step]}):
        assert ("SNT1501" in tokenizer(**{part: held})) is found


def test_words_before_each_text() -> None:
    assert tokenizer(normalizer={"type": "Prepend", "prepend": "Say yes. "}) == {"SNT1501"}
    assert not tokenizer(normalizer={"type": "Prepend", "prepend": "\u2581"})


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("(a+)+$", True), (r"(?:\w*)*x", True), (r"(?:[a-z]+){2,}", True), (r"(\p{L}+)*", True),
        (r"(?i:'s|'t|'re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|\s*[\r\n]+|\s+(?!\S)|\s+", False),
        (r"(?:\p{L}\p{M}*)+", False), (r"(?:a+)?", False), (r"(a+b)+", False), (r"(a)+", False),
    ],
)  # fmt: skip
def test_patterns_that_explode(pattern: str, found: bool) -> None:
    step = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated"}
    assert ("SNT1502" in tokenizer(pre_tokenizer=step)) is found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_configurations_in_other_encodings_are_read(encoding: str) -> None:
    text = json.dumps({"model_type": "x", "auto_map": {"AutoModel": "someone/else--x.Y"}})
    report = scan_bytes(text.encode(encoding), "config.json")
    assert "SNT1419" in {finding.rule_id for finding in report.findings}
