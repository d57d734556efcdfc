"""Bytes that a file of a format can begin with, by its hint.

Written by ``tools.make_first_bytes``. A format that is not here may begin with any byte.
"""

from __future__ import annotations

# fmt: off
FIRST_BYTES: dict[str, bytes] = {
    "pickle": bytes.fromhex("282942434647494a4b4c4d4e5053545556585d63697d8082838488898a8b8c8d8e8f959697"),
    "lzma": bytes.fromhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0"),
    "zlib": bytes.fromhex("0818283848586878"),
    "zfile": bytes.fromhex("5a"),
    "arrow": bytes.fromhex("ff"),
    "shell-script": bytes.fromhex("23"),
    "model-config": bytes.fromhex("00090a0b0c0d207beffeff"),
    "oci": bytes.fromhex("090a0b0c0d207b"),
    "onnx": bytes.fromhex("080a10121a2228323a4272a2aa"),
    "onnx-text": bytes.fromhex("090a0b0c0d20233c63646667696d6f70747b"),
    "r": bytes.fromhex("41"),
    "pmml": bytes.fromhex("00090a0b0c0d203ceffeff"),
    "openvino": bytes.fromhex("00090a0b0c0d203ceffeff"),
    "torch7": bytes.fromhex("03040607083334363738"),
    "keras-metadata": bytes.fromhex("0a"),
    "savedmodel": bytes.fromhex("08090a0b0c0d12202223676c6d6e7376"),
    "lightgbm": bytes.fromhex("646774"),
    "catboost": bytes.fromhex("090a0b0c0d207b"),
    "msgpack": bytes.fromhex("8182838485868788898a8b8c8d8e8fde"),
    "ncnn": bytes.fromhex("37"),
    "llamafile": bytes.fromhex("414d6a"),
    "coreml": bytes.fromhex("0812"),
    "mlpackage": bytes.fromhex("090a0b0c0d207b"),
    "paddle": bytes.fromhex("090a0b0c0d207b"),
    "caffe": bytes.fromhex("0aa2"),
    "mxnet": bytes.fromhex("090a0b0c0d207b"),
    "cntk": bytes.fromhex("08"),
}
