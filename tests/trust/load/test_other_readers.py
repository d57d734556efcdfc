"""What the readers of other libraries let through: random numbers, sparse tensors, archives."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
import torch
from torch._utils import _rebuild_sparse_tensor

from sentinel.errors import TrustError, UsageError
from sentinel.trust import LoadPolicy, secure_load
from sentinel.trust.load.data import check_skops_floor

MANY = 10**8
VALUES = torch.tensor([1.0, 2.0])


class Made:
    """Pickles as a call of what PyTorch's own files call."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __reduce__(self) -> Any:
        return _rebuild_sparse_tensor, self.parts


def reason(path: Path, **policy: Any) -> str:
    with pytest.raises(TrustError) as caught:
        secure_load(path, policy=LoadPolicy(**policy))
    return caught.value.reason


def coordinates(index: int) -> Made:
    parts = (torch.tensor([[0, index]]), VALUES, torch.Size([3]), True)
    return Made(torch.sparse_coo, parts)


def rows(last: int, column: int) -> Made:
    pointers, columns = torch.tensor([0, 1, last]), torch.tensor([0, column])
    return Made(torch.sparse_csr, (pointers, columns, VALUES, torch.Size([2, 3])))


@pytest.mark.parametrize(
    ("good", "bad"),
    [(coordinates(2), coordinates(MANY)), (rows(2, 1), rows(MANY, 1)), (rows(2, 2), rows(2, MANY))],
)
@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_indices_of_sparse_tensors(tmp_path: Path, good: Made, bad: Made) -> None:
    torch.save({"a": [good]}, tmp_path / "good.pt")
    torch.save({"a": [bad]}, tmp_path / "bad.pt")
    assert secure_load(tmp_path / "good.pt").obj["a"][0].to_dense().sum() == 3
    assert reason(tmp_path / "bad.pt") == "unsafe-values"


def test_a_position_of_random_numbers_in_skops(tmp_path: Path) -> None:
    data = skops.io.dumps({"a": np.random.RandomState(0)})
    (tmp_path / "good.skops").write_bytes(data)
    assert secure_load(tmp_path / "good.skops").obj["a"].rand() == np.random.RandomState(0).rand()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(tmp_path / "bad.skops", "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"content": "624"', b'"content": "1000000"'))
    assert reason(tmp_path / "bad.skops") == "unsafe-values"


def test_an_archive_is_measured_before_it_is_unpacked(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(1 << 18))
    torch.save({"a": torch.zeros(1 << 19)}, tmp_path / "stored.pt")
    with (
        zipfile.ZipFile(tmp_path / "stored.pt") as old,
        zipfile.ZipFile(tmp_path / "a.pt", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    for name in ("a.npz", "a.pt"):
        assert (tmp_path / name).stat().st_size < 1 << 20
        assert reason(tmp_path / name, max_size=1 << 20) == "too-large"
        assert secure_load(tmp_path / name, policy=LoadPolicy(max_size=1 << 22)).obj["a"].sum() == 0


@pytest.mark.parametrize("version", ["0.9", "0.11.0", ""])
def test_a_skops_that_can_be_led_around_its_list_is_not_used(version: str) -> None:
    check_skops_floor("0.12.0")
    check_skops_floor("1.0.dev0")
    with pytest.raises(UsageError):
        check_skops_floor(version)
