"""Directories with a model in safetensors files, one or many: marked as one, in a copy of all."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from ...errors import TrustError, UsageError
from . import safetensors_file
from .embed import Marked, embed_store
from .file_store import FileStore, JoinedStore, copy_bytes, open_model, refuse_signed
from .keys import WatermarkKeyProvider
from .kinds import Job
from .record import NotMarked
from .verify import Request, Verification, verify_store

_SUFFIX = ".safetensors"
_MOST_FILES = 100_000
_MOST_SHARDS = 512


def embed_file(path: str, out: str, job: Job) -> Marked:
    """Write a marked copy of a directory.

    Args:
        path: The directory; it is only read.
        out: Where the copy goes; it appears whole or not at all.
        job: What to mark it with.

    Raises:
        NotMarked: It cannot be marked.
        TrustError: It carries a signature, or a file is malformed or a link.
        UsageError: A path cannot be used, or ``out`` exists.
    """
    path, out = path.rstrip("/") or "/", out.rstrip("/")
    refuse_signed(path, os.path.dirname(out))
    with open_joined(path) as source, _copied(path, out, source) as copy, ExitStack() as stack:
        store = JoinedStore([_aimed(one, copy, name, stack) for name, one in source.items()])
        check = JoinedStore([*stack.enter_context(open_joined(copy)).values()])
        return embed_store(
            store, job.provider, job.identity, context=job.context, what=path,
            written=lambda: check,
        )  # fmt: skip


def verify_file(path: str, provider: WatermarkKeyProvider, request: Request) -> Verification:
    """Look for the mark of a key in a directory. Raises as ``verify_store`` does."""
    with opened(path) as store:
        return verify_store(store, provider, request, what=path)


@contextmanager
def open_joined(path: str) -> Iterator[dict[str, FileStore]]:
    """Open the safetensors files of a directory, by name.

    Raises:
        NotMarked: There are none.
        TrustError: One is malformed, or two have a tensor of one name.
    """
    with ExitStack() as stack:
        found: dict[str, FileStore] = {}
        names: set[str] = set()
        for name in _shards(path):
            shard = os.path.join(path, name)
            store = safetensors_file.open_store(stack.enter_context(open_model(shard)), shard)
            mine = {tensor.name for tensor in store.tensors}
            if names & mine:
                raise TrustError("model-malformed", f"{shard}: has a tensor that another file has")
            names |= mine
            found[name] = store
        yield found


@contextmanager
def opened(path: str) -> Iterator[JoinedStore]:
    """Open the tensors of a directory. Raises as ``open_joined`` does."""
    with open_joined(path) as stores:
        yield JoinedStore([*stores.values()])


def _shards(path: str) -> list[str]:
    with os.scandir(path) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(_SUFFIX))
    if not names or len(names) > _MOST_SHARDS:
        raise NotMarked("unsupported-kind", f"{path}: has {len(names)} safetensors files to mark")
    return names


def _aimed(source: FileStore, copy: str, name: str, stack: ExitStack) -> FileStore:
    """Return a store that reads from a file and writes to its copy."""
    target = os.open(os.path.join(copy, name), os.O_RDWR)
    stack.callback(os.close, target)
    return FileStore(source.reader, source.tensors, source.offsets, target)


@contextmanager
def _copied(path: str, out: str, opened: Mapping[str, FileStore]) -> Iterator[str]:
    """Copy a directory to a temporary one that becomes ``out`` when all went well."""
    if os.path.lexists(out):
        raise UsageError(f"{out}: exists; nothing is overwritten")
    files = _files(path)
    temporary = f"{out}.{secrets.token_hex(6)}"
    try:
        os.mkdir(temporary)
        for name in files:
            target = os.path.join(temporary, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if name in opened:
                copy_bytes(opened[name].reader, target)
                continue
            shutil.copyfile(os.path.join(path, name), target, follow_symlinks=False)
        yield temporary
        os.rename(temporary, out)
    except OSError as error:
        raise UsageError(f"{out}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _files(path: str) -> list[str]:
    """Return the names of all files below a directory; links and special files are refused."""
    found: list[str] = []
    for folder, folders, names in os.walk(path):
        for name in (*folders, *names):
            full = os.path.join(folder, name)
            mode = os.lstat(full).st_mode
            if stat.S_ISREG(mode):
                found.append(os.path.relpath(full, path))
            elif not stat.S_ISDIR(mode):
                raise TrustError("symlink", f"{full}: is neither a file nor a directory")
        if len(found) > _MOST_FILES:
            raise TrustError("too-many-files", f"{path}: more than {_MOST_FILES} files")
    return sorted(found)
