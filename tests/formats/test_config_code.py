"""Configurations that name code: YAML's words, JSON's keys, and when a file is one of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import Severity, Verdict, scan, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import LimitExceeded, SentinelError
from sentinel.formats.config_code import ConfigCode, looks_like_config_code, parse
from sentinel.formats.yaml_tokens import tokens
from sentinel.limits import Budget
from sentinel.readers import MemoryReader

yaml = pytest.importorskip("yaml")


def read(data: bytes | str, name: str = "a.yaml") -> ConfigCode:
    raw = data.encode() if isinstance(data, str) else data
    model = parse(Artifact(name, MemoryReader(raw)), Budget()).model
    assert isinstance(model, ConfigCode)
    return model


def names(data: bytes | str, name: str = "a.yaml") -> list[tuple[str, str]]:
    return [(found.how, found.name) for found in read(data, name).names]


TEXTS = [
    "a: !!python/object/apply:os.system ['echo']\n",
    "# !!python/object/apply:os.system\na: 1\n",
    "a: '!!python/name:x'\nb: \"!!python/name:x\"\n",
    "a: |\n  !!python/name:x\n  more\nb: !!python/name:y ''\n",
    "a: >-\n  !!python/name:x\nb: 1\n",
    "- a: |\n    text\n  b: !!python/name:y ''\n",
    "- a: |\n    !!python/name:x\n  b: 1\n",
    "- |\n !!python/name:x\n- !!python/name:y ''\n",
    "- - |\n    !!python/name:x\n  - !!python/name:y ''\n",
    "a: |2\n    !!python/name:x\nb: !!python/name:y ''\n",
    "a: [1, !!python/tuple [2, !!python/name:y '']]\n",
    "{a: {b: !!python/name:y ''}}\n",
    "%TAG !e! tag:yaml.org,2002:python/\n---\na: !e!name:y ''\n",
    "%TAG ! tag:yaml.org,2002:python/\n---\na: !name:y ''\n",
    "%TAG !! tag:yaml.org,2002:python/\n---\na: !!name:y ''\n",
    "a: !<tag:yaml.org,2002:python/name:y> ''\n",
    "%TAG !! x:\n---\na: 1\n---\nb: !!python/name:y ''\n",
    "%TAG !! x:\n---\na: !!python/name:x ''\n...\n%YAML 1.1\n---\nb: !!python/name:y ''\n",
    "a: !!python%2Fname:y ''\n",
    "a: x !!python/name:y\n",
    "a: x#!!python/name:y\nb: 'it''s !!python/name:x'\n",
    "? !!python/name:y ''\n: z\n",
    "a: 1\u2028b: !!python/name:y ''\n",
    "# comment\u2028!!python/name:y ''\n",
    "a: &x !!python/name:y ''\nb: *x\n",
    "a: !!python/object:other.Thing {b: 1}\n",
    "a: 1\n---\nb: !!python/module:y ''\n...\n",
    '"a\\"b": !!python/name:y ""\n',
    "a:\n\n\n  !!python/name:y ''\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_tags_are_those_that_pyyaml_sees(text: str) -> None:
    prefix = "tag:yaml.org,2002:python/"
    expected = []
    for token in yaml.parse(text, Loader=yaml.SafeLoader):
        tag = getattr(token, "tag", None)
        if tag and tag.startswith(prefix):
            expected.append(tag)
    found = [one.text for one in tokens(text) if one.kind == "tag" and one.text.startswith(prefix)]
    assert found == expected


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["a: ", "- ", "\n", "  ", "!!python/name:y ''", "'q'", '"q"', "|\n", ">\n", "# c",
             "[", "]", "{", "}", ", ", "x", ": ", "&a ", "*a", "---\n", "%TAG !e! x\n", "? "]
        ),
        max_size=14,
    ).map("".join)
)  # fmt: skip
def test_no_tag_that_pyyaml_sees_is_missed(text: str) -> None:
    try:
        events = list(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return
    expected = sum("python/name" in (getattr(event, "tag", None) or "") for event in events)
    found = [one for one in tokens(text) if one.kind == "tag" and "python/name" in one.text]
    assert len(found) >= expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_yaml_in_other_encodings(encoding: str) -> None:
    text = "a: !!python/object/apply:os.system [x]\n"
    data = text.encode(encoding)
    if encoding != "utf-16":
        data = (b"\xff\xfe" if encoding.endswith("le") else b"\xfe\xff") + data
    assert scan_bytes(data, "a.yaml").verdict is Verdict.MALICIOUS


@pytest.mark.parametrize(
    "document",
    [
        '{"a": {"_target_": "os.system"}}',
        '{"a": [[{"_target_": "os.system"}]]}',
        '{"_target_": "torch.nn.ReLU", "_target_": "os.system"}',
        '{"_target_": "os.system", "_target_": "torch.nn.ReLU"}',
    ],
)
def test_json_is_walked_whole(document: str) -> None:
    assert ("target", "os.system") in names(document, "a.json")


@pytest.mark.parametrize(
    "value",
    [
        {"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["x"]}]},
        {"py/reduce": {"py/tuple": [{"py/type": "os.system"}, {"py/tuple": ["x"]}]}},
    ],
)
def test_jsonpickle_reductions(value: object) -> None:
    assert ("apply", "os.system") in names(json.dumps(value), "a.json")


def test_what_jsonpickle_itself_writes_stays_quiet() -> None:
    # As jsonpickle 4 writes a datetime and an OrderedDict (its format is its documentation's).
    document = {"py/object": "collections.OrderedDict", "py/reduce": [
        {"py/type": "collections.OrderedDict"}, {"py/tuple": []}, None, None,
        {"py/tuple": [{"py/tuple": ["a", 1]}]}]}  # fmt: skip
    report = scan_bytes(json.dumps(document).encode(), "a.json")
    assert all(finding.severity < Severity.MEDIUM for finding in report.findings)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"a": 1, "$schema": "https://json-schema.org/x"}'),
        ("a.yaml", "a: 1\nrun: |\n  echo $HOME\n"),
        ("a.yml", "on: push\njobs: {a: {steps: [{run: python x.py}]}}\n"),
        ("setup.cfg", "[metadata]\nname = x\n"),
        ("package.json", '{"name": "x", "scripts": {"a": "b"}}'),
        ("a.json", '{"text": "caf\\u00e9 \\u00a0"}'),
        ("modules.json", '{"a": 1}'),
    ],
)
def test_ordinary_files_are_none_of_ours(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert scan(tmp_path) == []


def test_a_configuration_with_the_marks_is_read_anywhere(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.yaml").write_text("x:\n  _target_: os.system\n  command: echo\n")
    assert [report.verdict for report in scan(tmp_path)] == [Verdict.MALICIOUS]


@pytest.mark.parametrize(
    "text",
    [
        "_target_: torch.optim.AdamW\nlr: 0.1",
        "_target_: transformers.AutoModelForCausalLM.from_pretrained",
        "_target_: pandas.read_csv",
        "_target_: lightning.pytorch.loggers.WandbLogger",
        "_target_: nemo.collections.asr.models.EncDecCTCModel",
        "_target_: src.models.net.Net",
        "class_path: torch.optim.lr_scheduler.OneCycleLR",
        "a: !!python/object:argparse.Namespace {x: 1}",
        "a: !!python/tuple [1, 2]\n_target_: pathlib.Path",
        "_target_: hydra.utils.get_class\npath: torch.nn.ReLU",
        "_target_: datasets.load_dataset\npath: imdb",
        "_target_: keras.layers.Dense",
    ],
)
def test_ordinary_names_stay_quiet(text: str) -> None:
    report = scan_bytes(text.encode(), "config.yaml")
    assert report.formats == ("config-code",)
    assert all(finding.severity < Severity.MEDIUM for finding in report.findings)


def test_mkdocs_is_an_ordinary_file() -> None:
    text = b"markdown_extensions:\n- toc:\n    slugify: !!python/object/apply:other.slugify {}\n"
    assert all(one.severity < Severity.MEDIUM for one in scan_bytes(text, "mkdocs.yml").findings)


def test_the_parts_of_a_pipeline_of_diffusers() -> None:
    document = {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "safety_checker": [None, None],
    }  # fmt: skip
    assert scan_bytes(json.dumps(document).encode(), "model_index.json").findings == ()
    document["unet"] = ["my_unet", "Net"]
    found = scan_bytes(json.dumps(document).encode(), "model_index.json").findings
    assert [one.rule_id for one in found] == ["SNT1483"]
    document["unet"] = ["os", "system"]
    report = scan_bytes(json.dumps(document).encode(), "model_index.json")
    assert report.verdict is Verdict.MALICIOUS


CFG = """
[nlp]
lang = "en"
pipeline = ["tagger"]

[components.tagger]
factory = "tagger"

[components.tagger.model]
@architectures = "spacy.Tagger.v2"

[initialize.before_init]
@callbacks = "{callback}"
"""


def test_functions_of_spacys_registry() -> None:
    quiet = scan_bytes(CFG.format(callback="spacy.copy_from_base_model.v1").encode(), "config.cfg")
    assert quiet.findings == ()
    found = scan_bytes(CFG.format(callback="other.thing").encode(), "config.cfg").findings
    assert [one.rule_id for one in found] == ["SNT1483"]


def test_a_config_that_spacy_writes_is_clean(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "model")
    reports = {Path(report.artifact).name: report for report in scan(tmp_path)}
    assert "config.cfg" in reports
    for name, report in reports.items():
        assert [one for one in report.findings if one.severity >= Severity.LOW] == [], name


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b'{"_target_":' + b"[" * 100_000),
        ("a.json", b"[" * 3_000_000 + b'"_target_"'),
        ("a.yaml", b"_target_: x\n" + b"a: " * 200_000),
        ("a.yaml", b"_target_: " + b" " * 2_000_000 + b"x"),
        ("a.yaml", b"_target_: a" + b" b" * 500_000 + b"\nc: " + b"[" * 200_000),
        ("a.yaml", b"_target_: '" + b"''" * 1_000_000),
        ("a.yaml", b"_target_: x\n" + b"- !x y\n" * 300_000),
    ],
    ids=range(7),
)
def test_large_and_deep_texts_end_in_an_error_of_ours(name: str, data: bytes) -> None:
    artifact = Artifact(name, MemoryReader(data))
    try:
        parse(artifact, Budget())
    except SentinelError:
        pass


def test_more_words_than_are_read_is_a_limit() -> None:
    with pytest.raises(LimitExceeded):
        list(tokens("a b\n- " * 500_000))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=120), st.sampled_from(["a.yaml", "a.json", "config.cfg"]))
def test_any_bytes_give_a_model_or_an_error_of_ours(data: bytes, name: str) -> None:
    artifact = Artifact(name, MemoryReader(data))
    looks_like_config_code(artifact, data[:4096])
    try:
        parse(artifact, Budget())
    except SentinelError:
        pass
