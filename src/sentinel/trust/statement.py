"""In-toto statements, version 1: what is said of which files.

Specification: https://github.com/in-toto/attestation/tree/main/spec/v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import TrustError
from . import dsse, strict_json
from .checked import Ask
from .dsse import IN_TOTO, Envelope, Signature
from .keys import Signer

TYPE = "https://in-toto.io/Statement/v1"
_MOST_SUBJECTS = 200_000


class Subject(NamedTuple):
    """What a statement is about.

    Attributes:
        name: Name of the file, relative to the model, with slashes.
        sha256: Its digest in lower-case hexadecimal.
    """

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim about files.

    Attributes:
        subjects: The files; at least one, no name twice.
        predicate_type: URI of the kind of claim.
        predicate: The claim.
    """

    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: Mapping[str, object]

    def to_bytes(self) -> bytes:
        """Return the statement as the bytes that are signed."""
        return strict_json.canonical(
            {
                "_type": TYPE,
                "subject": [
                    {"name": one.name, "digest": {"sha256": one.sha256}} for one in self.subjects
                ],
                "predicateType": self.predicate_type,
                "predicate": self.predicate,
            }
        )

    def envelope(self, *signers: Signer) -> Envelope:
        """Return the statement in an envelope that each of the signers has signed."""
        payload = self.to_bytes()
        data = dsse.pae(IN_TOTO, payload)
        signatures = tuple(Signature(signer.sign(data), signer.keyid) for signer in signers)
        return Envelope(IN_TOTO, payload, signatures)


def parse(payload: bytes, *, what: str = "statement", predicate_type: str = "") -> Statement:
    """Parse a statement; call it with the payload of an envelope whose signature holds.

    Fields that the specification does not know are passed over, as it demands.

    Args:
        payload: The statement in JSON.
        what: What it is, for error messages.
        predicate_type: The kind of claim that it must be; empty for any.

    Raises:
        TrustError: It is not a statement, or one of another kind.
    """
    ask = Ask("statement-invalid", what)
    fields = ask.mapping(strict_json.loads(payload, what=what), "the statement")
    if fields.get("_type") != TYPE:
        raise ask.refuse(f"_type must be {TYPE}")
    kind = ask.text(fields.get("predicateType"), "predicateType", most=1024)
    if predicate_type and kind != predicate_type:
        raise TrustError("predicate-type", f"{what}: says {kind[:120]!r}, not {predicate_type}")
    listed = ask.sequence(fields.get("subject"), "subject")
    if not 1 <= len(listed) <= _MOST_SUBJECTS:
        raise ask.refuse(f"a statement has 1 to {_MOST_SUBJECTS} subjects")
    subjects = tuple(_subject(item, ask) for item in listed)
    if len({one.name for one in subjects}) != len(subjects):
        raise ask.refuse("a subject is there twice")
    return Statement(subjects, kind, ask.mapping(fields.get("predicate", {}), "predicate"))


def _subject(value: object, ask: Ask) -> Subject:
    fields = ask.mapping(value, "a subject")
    name = ask.text(fields.get("name"), "name of a subject", most=4096)
    digests = ask.mapping(fields.get("digest"), f"digest of {name[:80]!r}")
    return Subject(name, ask.digest(digests.get("sha256"), f"digest of {name[:80]!r}"))
