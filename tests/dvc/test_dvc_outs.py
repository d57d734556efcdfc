"""Reading DVC pointers: what DVC writes is read as it is meant, anything else is an error."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sentinel.dvc.outs import Out, read_outs
from sentinel.errors import LimitExceeded, ParseError

MD5 = "a304afb96060aad90176268345e10355"
# As DVC 3.67.1 writes them.
FILE = f"outs:\n- md5: {MD5}\n  size: 37891850\n  hash: md5\n  path: data.xml\n"
FOLDER = f"outs:\n- md5: {MD5}.dir\n  size: 7\n  nfiles: 4\n  hash: md5\n  path: models\n"
FOLDED = f"""outs:
- md5: {MD5}
  size: 1
  hash: md5
  path: "it's: a #very long name that goes on and on and on with many spaces so that
    the line has to be folded somewhere é.pkl"
"""
LOCK = f"""schema: '2.0'
stages:
  train:
    cmd: 'printf hi > model.pkl; mkdir -p d; echo "outs:"'
    deps:
    - path: raw.csv
      hash: md5
      md5: 00000000000000000000000000000000
      size: 1
    params:
      params.yaml:
        outs: 3
    outs:
    - path: d
      hash: md5
      md5: {MD5}.dir
      size: 2
      nfiles: 1
    - path: model.pkl
      hash: md5
      md5: {MD5}
      size: 2
  test@1:
    outs:
    - path: score.json
      md5: {MD5}
"""


def outs(text: str, *, lock: bool = False) -> list[Out]:
    return [out._replace(line=0) for out in read_outs(text, lock=lock)]


def test_what_dvc_writes() -> None:
    assert outs(FILE) == [Out("data.xml", MD5, 37891850)]
    assert outs(FOLDER) == [Out("models", f"{MD5}.dir", 7, 4)]
    assert outs(FILE.replace("\n", "\r\n")) == outs(FILE)


def test_a_folded_name_is_joined() -> None:
    (out,) = outs(FOLDED)
    assert out.path == (
        "it's: a #very long name that goes on and on and on with many spaces so that "
        "the line has to be folded somewhere é.pkl"
    )


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("'- y.pkl'", "- y.pkl"),
        ("'it''s.pkl'", "it's.pkl"),
        (r'"n\nl.pkl"', "n\nl.pkl"),
        (r'"a\tb\"q.pkl"', 'a\tb"q.pkl'),
        (r'"\x41\u00e9\U0001F600.pkl"', "Aé😀.pkl"),
        ("plain name.pkl  # a remark", "plain name.pkl"),
        ("a#b.pkl", "a#b.pkl"),
    ],
)
def test_each_way_of_quoting(written: str, path: str) -> None:
    assert outs(FILE.replace("data.xml", written)) == [Out(path, MD5, 37891850)]


def test_a_lock_file_has_outputs_below_its_stages() -> None:
    assert outs(LOCK, lock=True) == [
        Out("d", f"{MD5}.dir", 2, 1), Out("model.pkl", MD5, 2), Out("score.json", MD5),
    ]  # fmt: skip


def test_the_line_of_an_output_is_known() -> None:
    assert [out.line for out in read_outs(LOCK, lock=True)] == [14, 19, 25]


def test_paths_count_from_the_working_directory_it_names() -> None:
    assert outs("wdir: ..\n" + FILE)[0].path == "../data.xml"


def test_more_of_a_pointer_than_its_outputs_is_passed_over() -> None:
    text = (
        "md5: 0123456789abcdef0123456789abcdef\nfrozen: true\ndeps:\n- path: x\n  md5: 1\n"
        "desc: |\n  outs:\n  - path: no\n"
        + FILE
        + "  remote: s3\n  cloud:\n    s3:\n      etag: 1\n"
        "meta:\n  outs: 3\n"
    )
    assert outs(text) == outs(FILE)


def test_several_outputs() -> None:
    assert len(outs(FILE + FILE.partition("\n")[2])) == 2


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "stages:\n  a:\n    cmd: ls\n", "deps:\n- path: x\n"]
)
def test_no_outputs(text: str) -> None:
    assert outs(text) == outs(text, lock=True) == []


@pytest.mark.parametrize(
    "text",
    [
        f"outs: [{{md5: {MD5}, path: data.xml}}]\n",
        f"outs:\n- {{md5: {MD5}, path: data.xml}}\n",
        "outs:\n- model.pkl\n",
        "outs:\n- &a\n  path: x\n",
        f"outs:\n- md5: {MD5}\n  path: &anchor x\n",
        f"outs:\n- md5: {MD5}\n  path: |\n    x\n",
        f"outs:\n- md5: {MD5}\n  path: !!str x\n",
        f"outs:\n- md5: {MD5}\n  path: a\n  path: b\n",
        f"outs:\n- md5: {MD5}\n\tpath: a\n",
        f'outs:\n- md5: {MD5}\n  path: "\\q"\n',
        f'outs:\n- md5: {MD5}\n  path: "\\ud800"\n',
        f'outs:\n- md5: {MD5}\n  path: "\\U7fffffff"\n',
        f'outs:\n- md5: {MD5}\n  path: "\\0"\n',
        f'outs:\n- md5: {MD5}\n  path: "open\n',
        f"outs:\n- md5: {MD5}\n",
        "outs:\n- md5: nonsense\n  path: x\n",
        f"outs:\n- md5: {MD5}\n  size: -1\n  path: x\n",
        f"outs:\n- md5: {MD5}\n  size: {'9' * 40}\n  path: x\n",
        f"outs:\n- md5: {MD5}\n  path: x\n - md5: {MD5}\n",
    ],
)
def test_what_dvc_does_not_write_is_an_error(text: str) -> None:
    with pytest.raises(ParseError):
        outs(text)


def test_there_is_an_end_to_outputs() -> None:
    with pytest.raises(LimitExceeded):
        outs("outs:\n" + f"- md5: {MD5}\n  path: x\n" * 10_001)


@pytest.mark.parametrize(
    ("text", "read"),
    [("outs:\n" * 100_000, 0), (f"outs:\n- md5: {MD5}\n  path: x{' ' * 9_000}y\n" * 50, 50),
     ("outs:\n- path: x\n" + "   x\n" * 100_000, None), ("outs:\n- " + "a" * 1_000_000, None)],
    ids=["keys", "spaces", "folds", "long"],
)  # fmt: skip
def test_a_hostile_pointer_takes_no_time(text: str, read: int | None) -> None:
    if read is None:
        with pytest.raises(ParseError):
            outs(text)
    else:
        assert len(outs(text)) == read


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200), st.booleans())
def test_no_name_is_read_as_another(path: str, wide: bool) -> None:
    item = {"md5": MD5, "size": 1, "hash": "md5", "path": path}
    text = yaml.safe_dump({"outs": [item]}, sort_keys=False, allow_unicode=wide)
    try:
        (out,) = outs(text)
    except ParseError:
        return
    assert out == Out(path, MD5, 1)


@given(st.from_regex(r"[A-Za-z0-9 _./'\"#:-]{1,60}", fullmatch=True))
def test_ordinary_names_are_read(path: str) -> None:
    text = yaml.safe_dump({"outs": [{"md5": MD5, "path": path}]}, sort_keys=False)
    assert outs(text) == [Out(path, MD5)]


@given(st.text(alphabet="outs:\n -path'\"\\md5#{[|&\t0a", max_size=120), st.booleans())
def test_any_text_gives_outputs_or_an_error_of_ours(text: str, lock: bool) -> None:
    try:
        outs("outs:\n- " + text, lock=lock)
        outs(text, lock=lock)
    except ParseError:
        pass
