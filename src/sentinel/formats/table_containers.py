"""The lines of the format table for pickles, torch and containers; see ``sentinel.formats``."""

from __future__ import annotations

from .contract import Format

CONTAINERS: tuple[Format, ...] = (
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
        # The second byte makes both, as one number, a multiple of 31 (RFC 1950).
        hint=rb"\x08[\x1d\x3c\x5b\x7a\x99\xb8\xd7\xf6]"
        rb"|\x18[\x19\x38\x57\x76\x95\xb4\xd3\xf2]"
        rb"|\x28[\x15\x34\x53\x72\x91\xb0\xcf\xee]"
        rb"|\x38[\x11\x30\x4f\x6e\x8d\xac\xcb\xea]"
        rb"|\x48[\x0d\x2c\x4b\x6a\x89\xa8\xc7\xe6]"
        rb"|\x58[\x09\x28\x47\x66\x85\xa4\xc3\xe2]"
        rb"|\x68[\x05\x24\x43\x62\x81\xa0\xbf\xde\xfd]"
        rb"|\x78[\x01\x20\x3f\x5e\x7d\x9c\xbb\xda\xf9]",
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
)
