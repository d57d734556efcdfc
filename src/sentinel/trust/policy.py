"""The policy: who must have signed a model and what must be attested, by the model's name.

A closed schema in YAML. An unknown key is an error, because a misspelt ``treshold`` that is passed
over in silence is a gate that stands open; a name that no pattern fits is refused, and where
several fit, the most specific decides: one without wildcards before all others, then the one with
more letters that are not wildcards. Two that are equally specific are an error.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..errors import ReadError, SettingsError, TrustError
from ..readers import open_file
from . import policy_schema as schema
from .manifest import check_name, is_model_file
from .policy_yaml import MAX_SIZE, parse

MODEL_SIGNATURE = "model-signature"
SLSA_PROVENANCE = "slsa-provenance"
SCAN_PASSED = "scan-passed"
REQUIREMENTS = (MODEL_SIGNATURE, SLSA_PROVENANCE, SCAN_PASSED, "svr", "mlbom", "watermark")
"""What a policy may require."""
EKUS = ("code_signing",)
MAX_NAME = 256
RULESET = re.compile(r"\d{1,6}(?:\.\d{1,6}){0,3}", re.ASCII)
"""Version of a set of rules."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key that may sign.

    Attributes:
        id: What the policy calls it.
        public_key: Path of the PEM file.
    """

    id: str
    public_key: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """Certificates that may sign: those of one subject under these roots, valid now.

    Attributes:
        roots: Paths of PEM files with the roots.
        subject: The subject the leaf must have, as RFC 4514 writes it.
        eku: What it was issued for: ``code_signing``.
    """

    roots: tuple[str, ...]
    subject: str
    eku: str


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity of Sigstore that may sign.

    Attributes:
        identity: The identity in the certificate.
        issuer: Who vouched for it.
    """

    identity: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Signers:
    """Who may sign, and how many of them must.

    Attributes:
        threshold: How many different signers each thing that is required needs.
        keys: Public keys.
        certificates: Kinds of certificates.
        sigstore: Identities of Sigstore.
    """

    threshold: int
    keys: tuple[Key, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    sigstore: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelPolicy:
    """What holds for the names that one pattern fits.

    Attributes:
        pattern: The pattern: ``*`` and ``?`` are wildcards.
        signers: Who may sign.
        require: What must be there, valid and signed by them.
        strict_files: Whether ``.git`` and what git and GitHub keep beside it must be signed too.
        allow_unsigned: Names of files that need no signature; never a model file or code.
        scan_max_age: Oldest scan that counts, in seconds; None for any.
        min_ruleset: Oldest rule set that counts, as numbers; empty for any.
        svr_properties: What a verification result must state.
        lock: Path of the lock; empty for none.
        allow_rollback: Whether an older version may pass the lock.
    """

    pattern: str
    signers: Signers
    require: frozenset[str]
    strict_files: bool = True
    allow_unsigned: tuple[str, ...] = ()
    scan_max_age: float | None = None
    min_ruleset: tuple[int, ...] = ()
    svr_properties: frozenset[str] = frozenset()
    lock: str = ""
    allow_rollback: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file as read.

    Attributes:
        path: Where it is.
        sha256: Digest of its bytes.
        models: One entry a pattern.
    """

    path: str
    sha256: str
    models: tuple[ModelPolicy, ...]

    def for_model(self, name: str) -> ModelPolicy:
        """Return what holds for a model.

        Raises:
            TrustError: The name is none, or no pattern fits it (``no-policy``).
            SettingsError: Two patterns fit equally well.
        """
        if not name or len(name) > MAX_NAME or not name.isprintable():
            raise TrustError("no-policy", f"{name[:80]!r} is no name of a model")
        fitting = [entry for entry in self.models if _fits(entry.pattern, name)]
        if not fitting:
            hint = "add the model to the policy, or verify under the name it is registered as"
            raise TrustError("no-policy", f"{self.path}: no pattern fits {name!r}", hint)
        best = max(_specific(entry.pattern) for entry in fitting)
        found = [entry for entry in fitting if _specific(entry.pattern) == best]
        if len(found) > 1:
            patterns = " and ".join(repr(entry.pattern) for entry in found[:2])
            raise SettingsError(
                f"{self.path}: {patterns} fit {name!r} equally", "make one of them more specific"
            )
        return found[0]


def load_policy(path: str | os.PathLike[str]) -> Policy:
    """Read a policy file of at most 256 KiB.

    Args:
        path: The file; paths in it count from its directory.

    Raises:
        SettingsError: It cannot be read, is not YAML, or does not follow the schema.
        UsageError: PyYAML is missing.
    """
    name = os.fsdecode(path)
    data = _content(name)
    table = schema.Table(parse(data, name), name, ("version", "models"))
    if table.required("version") != 1 or table.required("version") is True:
        raise SettingsError(f"{name}: version {table.get('version')!r}", "write version: 1")
    base = os.path.dirname(os.path.abspath(name))
    models = schema.mapping(table.required("models"), f"{name}: models")
    entries = tuple(
        _model(pattern, value, f"{name}: models: {pattern!r}", base)
        for pattern, value in models.items()
    )
    return Policy(name, hashlib.sha256(data).hexdigest(), entries)


def _content(path: str) -> bytes:
    try:
        with open_file(path) as reader:
            if reader.size > MAX_SIZE:
                raise SettingsError(f"{path}: larger than a policy may be ({MAX_SIZE} bytes)")
            return reader.pread(0, reader.size)
    except ReadError as error:
        raise SettingsError(error.message, error.hint) from error


def _fits(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern.replace("[", "[[]"))


def _specific(pattern: str) -> tuple[bool, int, int]:
    wild = pattern.count("*") + pattern.count("?")
    return wild == 0, len(pattern) - wild, pattern.count("?")


_MODEL = ("signers", "require", "strict_files", "allow_unsigned", "scan", "svr", "freshness")


def _model(pattern: str, value: object, where: str, base: str) -> ModelPolicy:
    if len(pattern) > MAX_NAME or not pattern.isprintable() or pattern.count("*") > 8:
        raise SettingsError(f"{where}: no pattern for names", "at most 8 wildcards *")
    table = schema.Table(value, where, _MODEL)
    require = schema.choices(table.required("require"), REQUIREMENTS, f"{where}: require")
    if not require:
        raise SettingsError(f"{where}: require is empty", "a policy that asks nothing accepts all")
    scan = schema.Table(table.get("scan", {}), f"{where}: scan", ("max_age", "min_ruleset"))
    svr = schema.Table(table.get("svr", {}), f"{where}: svr", ("properties",))
    fresh = schema.Table(
        table.get("freshness", {}), f"{where}: freshness", ("lock", "allow_rollback")
    )
    if scan.given and SCAN_PASSED not in require:
        raise SettingsError(f"{where}: scan without scan-passed in require", "require it too")
    if svr.given and "svr" not in require:
        raise SettingsError(f"{where}: svr without svr in require", "require it too")
    if fresh.given and SLSA_PROVENANCE not in require:
        hint = "the version that the lock compares is signed there: require slsa-provenance"
        raise SettingsError(f"{where}: freshness without slsa-provenance", hint)
    return ModelPolicy(
        pattern,
        _signers(table.required("signers"), f"{where}: signers", base),
        require,
        schema.flag(table.get("strict_files", True), f"{where}: strict_files"),
        _unsigned(table.get("allow_unsigned", []), f"{where}: allow_unsigned"),
        schema.duration(scan.get("max_age"), f"{where}: scan: max_age"),
        _ruleset(scan.get("min_ruleset"), f"{where}: scan: min_ruleset"),
        _properties(svr, f"{where}: svr"),
        _lock(fresh, base),
        schema.flag(fresh.get("allow_rollback", False), f"{where}: allow_rollback"),
    )


def _signers(value: object, where: str, base: str) -> Signers:
    table = schema.Table(value, where, ("threshold", "keys", "certificates", "sigstore"))
    threshold = schema.whole(table.required("threshold"), 1, 100, f"{where}: threshold")
    keys = tuple(
        _key(item, f"{where}: keys", base) for item in schema.items(table.get("keys", []), where)
    )
    certificates = tuple(
        _certificate(item, f"{where}: certificates", base)
        for item in schema.items(table.get("certificates", []), where)
    )
    identities = tuple(
        _identity(item, f"{where}: sigstore")
        for item in schema.items(table.get("sigstore", []), where)
    )
    if len({key.id for key in keys}) < len(keys):
        raise SettingsError(f"{where}: two keys of one id")
    named = len({key.public_key for key in keys}) + len(set(certificates)) + len(set(identities))
    if named < threshold:
        raise SettingsError(f"{where}: threshold {threshold} with {named} different signers")
    return Signers(threshold, keys, certificates, identities)


def _key(value: object, where: str, base: str) -> Key:
    table = schema.Table(value, where, ("id", "public_key"))
    name = schema.text(table.required("id"), f"{where}: id")
    return Key(name, schema.path(table.required("public_key"), f"{where}: public_key", base))


def _certificate(value: object, where: str, base: str) -> Certificate:
    table = schema.Table(value, where, ("roots", "subject", "eku", "at"))
    roots = schema.items(table.required("roots"), f"{where}: roots")
    if not roots:
        raise SettingsError(f"{where}: roots is empty", "name the file of the root")
    schema.choice(table.get("at", "now"), ("now",), f"{where}: at")
    return Certificate(
        tuple(schema.path(item, f"{where}: roots", base) for item in roots),
        schema.text(table.required("subject"), f"{where}: subject"),
        schema.choice(table.get("eku", "code_signing"), EKUS, f"{where}: eku"),
    )


def _identity(value: object, where: str) -> Identity:
    table = schema.Table(value, where, ("identity", "issuer"))
    return Identity(
        schema.text(table.required("identity"), f"{where}: identity"),
        schema.text(table.required("issuer"), f"{where}: issuer"),
    )


def _properties(table: schema.Table, where: str) -> frozenset[str]:
    values = schema.items(table.get("properties", ["SENTINEL_SCAN_PASSED"]), where)
    return frozenset(schema.text(item, f"{where}: properties") for item in values)


def _unsigned(value: object, where: str) -> tuple[str, ...]:
    names = tuple(schema.text(item, where) for item in schema.items(value, where))
    for name in names:
        if not check_name(name):
            raise SettingsError(f"{where}: {name[:80]!r} is no file of a model")
        if is_model_file(name):
            raise SettingsError(f"{where}: {name[:80]!r} is a model file or code", "have it signed")
    return names


def _ruleset(value: object, where: str) -> tuple[int, ...]:
    if value is None:
        return ()
    if not isinstance(value, str) or not RULESET.fullmatch(value):
        raise SettingsError(f"{where}: expected a version", 'write it in quotes: "2026.11"')
    return tuple(int(part) for part in value.split("."))


def _lock(table: schema.Table, base: str) -> str:
    if not table.given:
        return ""
    return schema.path(table.required("lock"), f"{table.where}: lock", base)
