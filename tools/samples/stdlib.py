"""Plain data of the standard library."""

from __future__ import annotations

import argparse
import array
import builtins
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import http
import inspect
import io
import ipaddress
import itertools
import logging
import operator
import pathlib
import random
import re
import reprlib
import string
import time
import types
import uuid
import zoneinfo

from . import Labelled, attempt


def objects() -> Labelled:
    """Yield plain values, containers, dates, numbers, paths, iterators, exceptions."""
    yield from _values()
    yield from _records()
    yield from _iterators()
    yield from _exceptions()


def _values() -> Labelled:
    yield (
        "builtins",
        [
            1,
            2.5,
            1 + 2j,
            "a",
            b"a",
            bytearray(b"a"),
            True,
            None,
            ...,
            NotImplemented,
            range(3),
            slice(1, 2),
            {1},
            frozenset((1,)),
            {"a": (1,)},
            type(None),
            type(...),
            type(NotImplemented),
        ],
    )
    yield (
        "types",
        [
            int,
            float,
            complex,
            str,
            bytes,
            bytearray,
            bool,
            list,
            tuple,
            dict,
            set,
            frozenset,
            object,
            range,
            slice,
            property,
            staticmethod,
            classmethod,
            memoryview,
            enumerate,
            zip,
        ],
    )
    yield "functions", [abs, all, any, divmod, len, round, sum, pow, hash, isinstance, issubclass]
    yield (
        "dates",
        [
            datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
            datetime.date(2020, 1, 1),
            datetime.time(1, 2),
            datetime.timedelta(3),
            datetime.timezone(datetime.timedelta(hours=1)),
        ],
    )
    yield "numbers", [decimal.Decimal("1.5"), fractions.Fraction(1, 3), decimal.Context()]
    yield (
        "decimal types",
        [
            decimal.ROUND_HALF_EVEN,
            decimal.InvalidOperation,
            decimal.Inexact,
            decimal.DivisionByZero,
            decimal.Overflow,
        ],
    )
    yield "paths", [pathlib.Path("a/b"), pathlib.PurePosixPath("a"), pathlib.PureWindowsPath("a")]
    yield "path classes", [pathlib.PosixPath, pathlib.WindowsPath, pathlib.Path, pathlib.PurePath]
    yield (
        "network addresses",
        [
            ipaddress.ip_address("::1"),
            ipaddress.ip_address("127.0.0.1"),
            ipaddress.ip_network("10.0.0.0/8"),
            ipaddress.ip_network("fe80::/10"),
            ipaddress.ip_interface("10.0.0.1/8"),
            ipaddress.ip_interface("fe80::1/10"),
        ],
    )
    yield "patterns", [re.compile("a", re.I), re.compile(b"a"), re.IGNORECASE]
    yield "random", [random.Random(1)]
    yield "arrays", [array.array("d", [1.0]), array.array("i", [1]), array.array("u", "a")]
    yield "ids", [uuid.UUID(int=1), uuid.SafeUUID.safe]
    yield "time", [time.gmtime(0)]
    yield from attempt("zone", lambda: zoneinfo.ZoneInfo("Europe/Berlin"))
    yield "enums", [http.HTTPStatus.OK, inspect.Parameter.KEYWORD_ONLY, enum.auto, logging.INFO]
    yield "memory files", [io.BytesIO(b"a"), io.StringIO("a")]


def _records() -> Labelled:
    yield (
        "collections",
        [
            collections.OrderedDict(a=1),
            collections.Counter("aa"),
            collections.deque([1], 3),
            collections.defaultdict(list, a=[1]),
            collections.defaultdict(int),
            collections.ChainMap(),
            collections.UserDict(a=1),
            collections.UserList([1]),
            collections.UserString("a"),
            collections.defaultdict(collections.OrderedDict),
            collections.defaultdict(dict),
            collections.defaultdict(collections.Counter),
            collections.defaultdict(set),
            collections.defaultdict(float),
        ],
    )
    yield "namespaces", [types.SimpleNamespace(a=1), argparse.Namespace(a=1), types.GenericAlias]
    yield "signature", [inspect.signature(objects)]
    yield (
        "partial",
        [
            functools.partial(int, base=2),
            operator.itemgetter(1),
            operator.itemgetter,
            operator.attrgetter("a"),
            operator.methodcaller("a", 1),
        ],
    )
    yield (
        "operators",
        [
            operator.add,
            operator.mul,
            operator.sub,
            operator.truediv,
            operator.lt,
            operator.le,
            operator.gt,
            operator.ge,
            operator.eq,
            operator.ne,
            operator.neg,
            operator.and_,
            operator.or_,
            operator.not_,
            operator.xor,
            operator.mod,
            operator.floordiv,
            operator.pow,
            operator.abs,
            operator.pos,
            operator.matmul,
            operator.contains,
            operator.index,
            operator.is_,
            operator.is_not,
            operator.truth,
            operator.inv,
            operator.invert,
        ],
    )
    yield (
        "helpers",
        [
            string.Template("a"),
            reprlib.Repr(),
            dataclasses.MISSING.__class__,
            functools.total_ordering,
            logging.getLogger("a"),
            logging.getLogger(),
        ],
    )
    yield "log records", [logging.LogRecord("a", 1, "a", 1, "a", None, None), logging.Formatter()]


def _iterators() -> Labelled:
    yield (
        "iterators",
        [
            iter([1]),
            iter((1,)),
            iter("a"),
            iter(b"a"),
            iter({1: 2}),
            iter({1}),
            iter(range(3)),
            enumerate([1]),
            zip([1], [2], strict=False),
            reversed([1]),
            iter(bytearray(b"a")),
            itertools.count(1),
        ],
    )
    yield (
        "itertools",
        [
            itertools.chain([1], [2]),
            itertools.repeat(1),
            itertools.cycle([1]),
            itertools.islice([1], 1),
            itertools.product([1], [2]),
            itertools.permutations([1, 2]),
            itertools.combinations([1, 2], 2),
            itertools.zip_longest([1], [2]),
            itertools.compress([1], [1]),
            itertools.combinations_with_replacement([1], 1),
            itertools.pairwise([1, 2]),
        ],
    )


def _exceptions() -> Labelled:
    for name, kind in vars(builtins).items():
        if isinstance(kind, type) and issubclass(kind, BaseException):
            yield name, kind
