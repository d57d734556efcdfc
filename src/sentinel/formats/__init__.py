"""The formats SENTINEL knows: one line each, parsers imported only when they are met.

A parser has the signature ``parse(artifact, budget) -> Parsed``. It reports facts; what to think
of them is decided in ``sentinel.rules``. To add a format, write the module and add its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from ..artifacts import Artifact
from ..findings import Gap
from ..limits import Budget
from ..readers.base import Reader


class Member(NamedTuple):
    """Something inside a container that is to be scanned in its own right.

    Attributes:
        key: Identity within the container (for a zip, the offset of its local header).
        name: Name as the container gives it, made printable by the reports, not here.
        open: Gives its bytes; may raise SentinelError, which becomes a gap for this member alone.
        formats: Formats to read it as; empty means that its content decides.
        parsed: What a parser already made of it, so that it is not parsed twice.
        guess: True for bytes that merely look like a file; that they are not one is then no gap.
    """

    key: int
    name: str
    open: Callable[[], Reader]
    formats: tuple[str, ...] = ()
    parsed: Parsed | None = None
    guess: bool = False


class Parsed(NamedTuple):
    """What a parser learned.

    Attributes:
        model: Inert facts for the rules, typed by the format.
        members: What to look into next; may be a generator.
        gaps: What was not read, and why.
        claims: Keys of members that this parser has accounted for (storages proven to be plain
            tensor data, or members it passes on itself); the plain container leaves them alone.
        container: What the container's own parser would have made of the artifact, where this one
            has read the container already.
    """

    model: object
    members: Iterable[Member] = ()
    gaps: tuple[Gap, ...] = ()
    claims: frozenset[int] = frozenset()
    container: Parsed | None = None


class Parser(Protocol):
    """Turns bytes into facts."""

    def __call__(self, artifact: Artifact, budget: Budget) -> Parsed:
        """Parse one artifact. Raises ParseError, ReadError or LimitExceeded."""
        ...


class Format(NamedTuple):
    """One line of the format table.

    Attributes:
        name: Stable short name.
        title: What people call it.
        suffixes: Lower-case file name endings, with the dot. They choose the format only when the
            content names none, and choose what a directory walk calls a model file.
        magic: ``(offset, bytes)`` pairs; any one of them identifies the format.
        parse: ``module:function`` below ``sentinel.formats``; empty for a format that is known but
            not read yet (its files are reported as incomplete).
        recognise: ``module:function`` below ``sentinel.formats``, called as
            ``(artifact, head) -> bool`` where magic bytes are not enough.
        hint: Regular expression that the first bytes must match before ``recognise`` is asked, so
            that its module is imported only when it may say yes.
        tail: Bytes that must occur in the last 64 KiB instead of ``hint``.
        shared_suffixes: Those of ``suffixes`` that ordinary text files bear too (Python's path
            files are ``.pth``, Julia's sources ``.jl``); they say nothing about a file of text.
        within: Name of the container format this is a kind of (``zip``): ``recognise`` is then
            asked only for artifacts of that container, and both formats are parsed, this one first.
        instead: True for a kind that accounts for every byte itself: nothing else is parsed then.
        named: True for a kind that is asked for only under one of its suffixes.
        asks: Endings (with the dot) or whole names, lower case, of ordinary files that may be of
            this kind: ``recognise`` is asked for those whatever their first bytes are, and
            says no to all that neither stand beside a model nor bear the marks of the kind.
    """

    name: str
    title: str
    suffixes: tuple[str, ...] = ()
    magic: tuple[tuple[int, bytes], ...] = ()
    parse: str = ""
    recognise: str = ""
    within: str = ""
    hint: bytes = b""
    tail: bytes = b""
    shared_suffixes: tuple[str, ...] = ()
    instead: bool = False
    named: bool = False
    asks: tuple[str, ...] = ()


FORMATS: tuple[Format, ...] = (
    Format(
        "pickle",
        "Python pickle (also dill, cloudpickle, joblib)",
        (".pkl", ".pickle", ".pk", ".p", ".joblib", ".jl", ".dill", ".pt", ".pth", ".ckpt"),
        parse="pickle:parse",
        recognise="pickle.sniff:looks_like_pickle",
        hint=rb"[\x80(\])}cNIKMJLGFSUTXVCBPi\x82-\x84\x88-\x8f\x95-\x97]",
        shared_suffixes=(".pth", ".p", ".pk", ".jl"),
    ),
    Format(
        "zip",
        "ZIP archive",
        (".zip",),
        ((0, b"PK\x03\x04"), (0, b"PK\x05\x06")),
        "archive.zip:parse",
        "archive.zip:looks_like_zip",
        tail=b"PK\x05\x06",
    ),
    Format(
        "torch",
        "PyTorch archive (zip)",
        (".pt2", ".ptl"),
        parse="torch:parse",
        recognise="torch:looks_like_torch",
        within="zip",
    ),
    Format(
        "torch-shard",
        "PyTorch distributed checkpoint shard",
        (".distcp",),
        parse="torch_shard:parse",
        recognise="torch_shard:looks_like_shard",
        within="zip",
        instead=True,
        named=True,
    ),
    Format(
        "tar",
        "TAR archive",
        (".tar",),
        ((257, b"ustar"),),
        "archive.tar:parse",
        "archive.tar:looks_like_tar",
        hint=rb"(?s).{148}[ 0-7]{6}[ 0-7\x00]{2}",
    ),
    Format(
        "torch-tar",
        "PyTorch checkpoint (tar, before 0.2)",
        parse="torch_tar:parse",
        recognise="torch_tar:looks_like_torch_tar",
        within="tar",
    ),
    Format(
        "gzip",
        "gzip stream",
        (".gz", ".tgz"),
        ((0, b"\x1f\x8b"),),
        "archive.compress:parse_gzip",
    ),
    Format(
        "bzip2", "bzip2 stream", (".bz2", ".tbz2"), ((0, b"BZh"),), "archive.compress:parse_bzip2"
    ),
    Format(
        "xz",
        "xz stream",
        (".xz", ".txz"),
        ((0, b"\xfd7zXZ\x00"),),
        "archive.compress:parse_xz",
    ),
    Format(
        "lzma",
        "legacy lzma stream",
        (".lzma",),
        parse="archive.compress:parse_lzma",
        recognise="archive.compress:looks_like_lzma",
        hint=rb"(?s)[\x00-\xe0]\x00.{3}(?:\xff{8}|.{5}\x00{3})",
    ),
    Format(
        "zlib",
        "zlib stream",
        (".zlib", ".z"),
        parse="archive.compress:parse_zlib",
        recognise="archive.compress:looks_like_zlib",
        hint=rb"[\x08\x18\x28\x38\x48\x58\x68\x78]",
    ),
    Format(
        "zstd",
        "Zstandard stream",
        (".zst",),
        ((0, b"\x28\xb5\x2f\xfd"),),
        "archive.compress:parse_zstd",
    ),
    Format(
        "lz4", "LZ4 frame", (".lz4",), ((0, b"\x04\x22\x4d\x18"),), "archive.compress:parse_lz4"
    ),
    Format(
        "zfile",
        "joblib ZFILE (before 0.10)",
        parse="archive.compress:parse_zfile",
        recognise="archive.compress:looks_like_zfile",
        hint=b"ZF",
    ),
    Format(
        "7z",
        "7-Zip archive",
        (".7z",),
        ((0, b"7z\xbc\xaf\x27\x1c"),),
        "archive.sevenzip:parse_7z",
    ),
    Format("rar", "RAR archive", (".rar",), ((0, b"Rar!\x1a\x07"),), "archive.sevenzip:parse_rar"),
    Format("npy", "NumPy array", (".npy",), ((0, b"\x93NUMPY"),), "numpy:parse"),
    Format("torchscript", "TorchScript code", parse="torchscript:parse"),
    Format("torch-export", "PyTorch exported graph", parse="torch_export:parse"),
    Format("python", "Python source", parse="python_source:parse"),
    Format(
        "model-source",
        "Python source beside a model",
        parse="model_source:parse",
        recognise="model_source:looks_like_model_source",
        asks=(".py", ".pyw"),
    ),
    Format(
        "config-code",
        "Configuration that names code (Hydra, NeMo, MONAI, jsonpickle, YAML tags, spaCy)",
        parse="config_code:parse",
        recognise="config_code:looks_like_config_code",
        asks=(".json", ".yaml", ".yml", ".cfg"),
    ),
    Format(
        "bundle",
        "Description of a bundle (MLflow, TorchServe, BentoML, Triton, Kedro, Ray)",
        parse="bundle:parse",
        recognise="bundle:looks_like_bundle",
        asks=(
            "mlmodel", "manifest.json", "bentofile.yaml", "bentofile.yml", "bento.yaml",
            "config.pbtxt", "catalog.yml", "catalog.yaml", "serve_config.yaml", "serve.yaml",
        ),
    ),
    Format(
        "parquet",
        "Parquet table",
        (".parquet",),
        ((0, b"PAR1"), (0, b"PARE")),
        "columnar:parse_parquet",
    ),
    Format(
        "arrow",
        "Arrow table (IPC file or stream, Feather 2)",
        (".arrow", ".feather"),
        ((0, b"ARROW1"),),
        "columnar:parse_arrow",
        "columnar:looks_like_arrow",
        hint=rb"(?s)\xff{4}.{2}[\x00-\x03]\x00.{4}",
        named=True,
    ),
    Format(
        "notebook",
        "Jupyter notebook",
        parse="notebook:parse",
        recognise="notebook:looks_like_notebook",
        asks=(".ipynb",),
    ),
    Format(
        "shell-script",
        "Shell script",
        parse="shell_script:parse",
        recognise="shell_script:looks_like_script",
        asks=(".sh", ".bash", ".zsh"),
    ),
    Format(
        "safetensors",
        "safetensors",
        (".safetensors",),
        parse="safetensors:parse",
        recognise="safetensors:looks_like_safetensors",
        hint=rb"(?s).{4}\x00{4}\s*\{",
    ),
    Format(
        "gguf",
        "GGUF / GGML",
        (".gguf", ".ggml"),
        ((0, b"GGUF"), (0, b"lmgg"), (0, b"fmgg"), (0, b"tjgg"), (0, b"algg")),
        "gguf:parse",
    ),
    Format(
        "model-config",
        "Hugging Face model configuration (JSON)",
        parse="model_config:parse",
        recognise="model_config:looks_like_config",
        hint=rb"\s*\{",
    ),
    Format("jinja", "Jinja2 template", (".jinja", ".jinja2", ".j2"), parse="jinja:parse"),
    Format(
        "onnx",
        "ONNX",
        (".onnx",),
        parse="onnx:parse",
        recognise="onnx:looks_like_onnx",
        hint=rb"[\x08\x12\x1a\x22\x28\x32\x3a\x42\x72\xa2\xaa]|\x10[\x01-\x20]|\n[\x01-\x40]\D",
    ),
    Format("ort", "ONNX Runtime model", (".ort",), ((4, b"ORTM"),)),
    Format(
        "hdf5",
        "HDF5 (Keras .h5)",
        (".h5", ".hdf5", ".hdf", ".he5"),
        tuple((offset, b"\x89HDF\r\n\x1a\n") for offset in (0, 512, 1024, 2048)),
        "hdf5:parse",
        "hdf5:looks_like_hdf5",
        hint=rb"(?s).{4096}",
        named=True,
    ),
    Format(
        "keras",
        "Keras v3",
        (".keras",),
        parse="keras_archive:parse",
        recognise="keras_archive:looks_like_keras",
        within="zip",
    ),
    Format(
        "skops",
        "skops (scikit-learn)",
        (".skops",),
        parse="skops:parse",
        recognise="skops:looks_like_skops",
        within="zip",
    ),
    Format(
        "r",
        "R objects (.rds, .RData)",
        (".rds", ".rda", ".rdata"),
        tuple(
            (0, mark)
            for mark in (
                b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"RDB2\n", b"RDB3\n", b"RDX1\n",
                b"X\n\0\0\0\2", b"X\n\0\0\0\3", b"B\n\2\0\0\0", b"B\n\3\0\0\0",
            )
        ),
        "r:parse",
        "r:looks_like_text",
        hint=rb"A\r?\n[23]\r?\n\d{5,7}\r?\n\d{5,7}\r?\n",
    ),
    Format(
        "pmml",
        "PMML",
        (".pmml",),
        parse="xml_model:parse",
        recognise="xml_model:looks_like_pmml",
        hint=rb"(?s)(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*<",
    ),
    Format(
        "openvino",
        "OpenVINO model",
        parse="xml_model:parse",
        recognise="xml_model:looks_like_openvino",
        hint=rb"(?s)(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*<",
    ),
    Format(
        "torch7",
        "Torch7",
        (".t7", ".th"),
        parse="torch7:parse",
        recognise="torch7:looks_like_torch7",
        hint=rb"(?s)[\x03\x04\x06-\x08]\x00\x00\x00|[34678]\n\d{1,9}\n",
        shared_suffixes=(".th",),
    ),
    Format(
        "keras-config",
        "Keras model configuration",
        parse="keras_config:parse",
        recognise="keras_config:looks_like_config",
        hint=rb"(?s)(?:\s*[{\[].*\"(?:class_name|config|layers|model_config|module)\"|\s{4000}|.{0,2000}class_name:)",
    ),
    Format(
        "keras-metadata",
        "Keras metadata of a SavedModel",
        parse="keras_metadata:parse",
        recognise="keras_metadata:looks_like_metadata",
        hint=rb"(?s)\n.*_tf_keras_",
    ),
    Format(
        "savedmodel",
        "TensorFlow graph (SavedModel, MetaGraph, frozen)",
        (".pb", ".meta"),
        parse="tf_graph:parse",
        recognise="tf_graph:looks_like_graph",
        hint=rb"(?s)\x08[\x00-\x02]\x12|\n[^\n].{0,4}[\n\x12]|\x12.{1,5}[\n\x12]|\x22[\x02-\x10]\x08"
        rb"|\x08[\x80-\xff]{4,9}.?\x10|\s*(?:#[^\n]*\n\s*)*(?:saved_m|meta_|graph_def|node|library|versions)",
        shared_suffixes=(".meta",),
    ),
    Format(
        "tflite", "TensorFlow Lite", (".tflite",), ((4, b"TFL3"),), "tflite:parse"
    ),
    Format(
        "xgboost",
        "XGBoost",
        (".ubj", ".xgb"),
        parse="trees.xgboost:parse",
        recognise="trees.xgboost:looks_like_xgboost",
        hint=rb"(?s)\s*\{\s*\"(?:learner|version)\"|\{[iUIlL]\x00*[\x01-\x20](?:learner|version)"
        rb"|(?:binf)?.{136}[\x01-\x40]\x00{7}[a-z]+:",
    ),
    Format(
        "lightgbm",
        "LightGBM",
        (".lgb", ".lgbm"),
        parse="trees.lightgbm:parse",
        recognise="trees.lightgbm:looks_like_lightgbm",
        hint=rb"(?:tree|gbdt|dart|goss)\r?\n",
    ),
    Format(
        "catboost",
        "CatBoost",
        (".cbm",),
        ((0, b"CBM1"),),
        "trees.catboost:parse",
        "trees.catboost:looks_like_json",
        hint=rb"\s*\{\s*\"(?:features_info|oblivious_trees|model_info|ctr_data)\"",
    ),
    Format(
        "msgpack",
        "MessagePack (Flax, Orbax)",
        (".msgpack",),
        parse="msgpack:parse",
        recognise="msgpack:looks_like_msgpack",
        hint=rb"[\x81-\x8f](?:[\xa1-\xbf]|\xd9.)[A-Za-z_]|\xde[\x00-\x0f].(?:[\xa1-\xbf]|\xd9.)[A-Za-z0-9_]",
    ),
    Format(
        "zarr",
        "Zarr array (Orbax, TensorStore)",
        parse="zarr:parse",
        recognise="zarr:looks_like_zarr",
        asks=(".zarray", ".zmetadata", "zarr.json"),
    ),
    Format(
        "executorch",
        "ExecuTorch program",
        (".pte",),
        tuple((4, b"ET%d" % number) for number in (10, 11, 12, 13)),
        "executorch:parse",
    ),
    Format(
        "torch-mobile",
        "PyTorch mobile module (FlatBuffer)",
        (),
        ((4, b"PTMF"),),
        "torch_mobile:parse",
    ),
    Format(
        "tensorrt",
        "TensorRT engine",
        (".engine", ".plan", ".trt"),
        ((0, b"ftrt"), (0, b"ptrt")),
        "engines:parse_tensorrt",
        "engines:looks_like_tensorrt",
        hint=rb"(?s)..[\x00-\x10]\x00\{",
    ),
    Format(
        "rknn", "RKNN model", (".rknn",), ((0, b"RKNN"), (0, b"CYPTRKNN")), "engines:parse_rknn"
    ),
    Format("mnn", "MNN model", (".mnn",), parse="engines:parse_mnn"),
    Format(
        "ncnn",
        "ncnn network",
        (),
        parse="engines:parse_ncnn",
        recognise="engines:looks_like_ncnn",
        hint=rb"7767517\r?\n",
    ),
    Format(
        "native",
        "Machine code, byte code, scripts",
        parse="native:parse",
        recognise="native:looks_native",
        hint=rb"\x7fELF|MZ|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba[\xbe\xbf]"
        rb"|\0asm|\x1bL|dex\n|#![ \t]*/|.[\x0b-\x0f\xf2\xf3]\r\n",
    ),
    Format(
        "coreml",
        "Core ML model",
        (".mlmodel",),
        parse="coreml:parse",
        recognise="coreml:looks_like_coreml",
        hint=rb"\x08[\x01-\x1f]|\x12",
    ),
    Format(
        "mlpackage",
        "manifest of a Core ML package",
        parse="coreml:parse_manifest",
        recognise="coreml:looks_like_manifest",
        hint=rb"(?s)\s*\{.{0,200}\"(?:fileFormatVersion|itemInfoEntries)\"",
    ),
    Format(
        "paddle",
        "PaddlePaddle program",
        (".pdmodel",),
        parse="paddle:parse",
        recognise="paddle:looks_like_program",
        hint=rb"(?s)\n.{1,5}\x08",
    ),
    Format(
        "caffe",
        "Caffe network",
        (".caffemodel",),
        parse="caffe:parse",
        recognise="caffe:looks_like_caffe",
        hint=rb"(?s)\n[\x01-\x7f].{0,300}?\xa2\x06|\xa2\x06",
    ),
    Format("prototxt", "Caffe network (text)", (".prototxt",), parse="caffe:parse_text"),
    Format(
        "mxnet",
        "MXNet graph",
        ("-symbol.json",),
        parse="mxnet:parse",
        recognise="mxnet:looks_like_graph",
        hint=rb"\s*\{\s*\"nodes\"",
    ),
    Format(
        "mxnet-params",
        "MXNet parameters",
        magic=((0, b"\x12\x01" + bytes(14)),),
        parse="mxnet:parse_parameters",
    ),
    Format(
        "cntk",
        "CNTK model",
        (".dnn", ".cntk"),
        ((0, b"B\x00C\x00N\x00"),),
        "cntk:parse",
        "cntk:looks_like_cntk",
        hint=rb"\x08\x01\x12",
    ),
)
"""All formats, in the order in which they are tried."""

BY_NAME: dict[str, Format] = {entry.name: entry for entry in FORMATS}


def load(reference: str) -> Callable[..., object]:
    """Return the function that ``module:function`` names below ``sentinel.formats``."""
    module, _, function = reference.partition(":")
    return cast("Callable[..., object]", getattr(import_module(f"{__name__}.{module}"), function))
