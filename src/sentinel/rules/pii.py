"""What we think of personal data and credentials that lie in a file.

The detector of ``sentinel.pii`` says what is there and how likely; the rules here say what it means
that it is in a file which travels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from ..findings import Confidence, Finding, Severity
from . import RuleContext, rule

_SURE = {5: Confidence.HIGH, 4: Confidence.MEDIUM}
_ANOTHER_ID = ("financial", "government_id", "health")


class Detections(Protocol):
    """What a scan of the detector found; see ``sentinel.pii.reporting``."""

    detections: tuple[Any, ...]

    def category(self, name: str) -> str:
        """Return the category of an info type."""
        ...

    def title(self, name: str) -> str:
        """Return what people call an info type."""
        ...


def _of(model: Detections, context: RuleContext, category: str, remedy: str) -> Iterator[Finding]:
    for one in model.detections:
        if model.category(one.info_type) == category:
            yield _finding(model, context, one, remedy)


def _finding(model: Detections, context: RuleContext, one: Any, remedy: str) -> Finding:
    place = one.place
    title = model.title(one.info_type)
    sure = one.likelihood.label.replace("_", " ")
    evidence = one.info_type
    if place.column:
        rows = f"{one.count} of {one.rows} rows" if one.rows else f"{one.count} values"
        message = f"{title} in column {place.column}: {rows}, {sure}"
        evidence = f"{one.info_type} in column {place.column}"
    else:
        message = f"{title}, {sure}: {one.length_class} characters, hmac {one.digest}"
    facts = {
        "infoType": one.info_type,
        "likelihood": one.likelihood.label,
        "detector": one.rule,
        "columnName": place.column,
        "row": place.row,
        "rows": list(one.more),
        "count": one.count,
        "hmac": one.digest,
        "lengthClass": one.length_class,
    }
    found = context.finding(
        message,
        offset=place.offset,
        length=place.length if place.offset is not None else None,
        line=place.line,
        evidence=evidence,
        remedy=remedy,
        severity=one.severity,
        confidence=_SURE.get(int(one.likelihood), Confidence.LOW),
    )
    kept = {name: value for name, value in facts.items() if value not in (None, "", [])}
    parts = [place.path, f"column:{place.column}" if place.column else ""]
    member = "!".join(part for part in (found.location.member, *parts) if part)
    return found._replace(locations=(found.location._replace(member=member),), facts=kept)


_ROTATE = (
    "Revoke it where it was issued and make a new one; then take it out of the file and its "
    "history. If it is made up, say so with a comment `sentinel: allow[TYPE] reason`."
)
_REMOVE = (
    "Remove the values or replace them with made-up ones; if they may stay, accept them with a "
    "reason in .sentinel-pii.toml or by a comment `sentinel: allow[TYPE] reason`."
)


@rule("SNT1901", "credential-in-file", severity=Severity.CRITICAL, formats=("pii",), cwe="CWE-798")
def credential(model: Detections, context: RuleContext) -> Iterator[Finding]:
    """A credential lies in a file: a token, a password, a private key.

    **What.** The file holds a value of the shape that a provider gives its tokens, a password in a
    place where passwords stand, or a private key. The value itself is never shown; the keyed hash
    tells whether two findings are about the same one.

    **Why it matters.** Whoever gets the file can act as its owner: push to the model hub, read the
    bucket with the training data, run up a bill. Files of models and datasets are copied far more
    widely than code.

    **Fix.** Revoke the credential where it was issued, make a new one, and keep that in a secret
    store or the environment. Removing it from the file alone leaves it in the history.
    """
    yield from _of(model, context, "credentials", _ROTATE)


@rule("SNT1902", "financial-data", severity=Severity.HIGH, formats=("pii",), cwe="CWE-359")
def financial(model: Detections, context: RuleContext) -> Iterator[Finding]:
    """Payment cards, bank accounts or wallets lie in a file.

    **What.** Numbers whose length, prefix and check digits are those of a payment card, an account
    or a wallet; in a table, a column of them.

    **Why it matters.** The numbers can be used for fraud, and keeping them falls under PCI DSS and
    data protection law. A model trained on them can give them out again.

    **Fix.** Remove the column or replace the numbers by tokens, before training and before the file
    is shared.
    """
    yield from _of(model, context, "financial", _REMOVE)


@rule("SNT1903", "government-id", severity=Severity.HIGH, formats=("pii",), cwe="CWE-359")
def government_id(model: Detections, context: RuleContext) -> Iterator[Finding]:
    """Numbers by which a state knows a person lie in a file.

    **What.** Social security, tax, national identity, passport or licence numbers, told by their
    check digits, by the words in front of them or by the column they stand in.

    **Why it matters.** They do not change for a lifetime and open the way to identity theft; in
    most countries they may be kept for few purposes only.

    **Fix.** Remove them, or replace them by numbers of your own that mean nothing elsewhere.
    """
    yield from _of(model, context, "government_id", _REMOVE)


@rule("SNT1904", "health-data", severity=Severity.HIGH, formats=("pii",), cwe="CWE-359")
def health(model: Detections, context: RuleContext) -> Iterator[Finding]:
    """Medical record or insurance numbers lie in a file.

    **What.** Numbers of patients, insured people or prescribers, told by their check digits or by
    the words in front of them.

    **Why it matters.** Data about health is specially protected (GDPR article 9, HIPAA), and a
    record number links everything else in the row to a person.

    **Fix.** Remove the numbers or replace them by pseudonyms whose key is kept elsewhere.
    """
    yield from _of(model, context, "health", _REMOVE)


@rule("SNT1905", "contact-data", severity=Severity.MEDIUM, formats=("pii",), cwe="CWE-359")
def contact(model: Detections, context: RuleContext) -> Iterator[Finding]:
    """E-mail addresses or telephone numbers of people lie in a file.

    **What.** Addresses under a top-level domain that exists, and numbers with the length their
    country has. Addresses of authors, on lines that say so, count for little.

    **Why it matters.** They reach a person directly, and a language model that was trained on them
    repeats them.

    **Fix.** Remove them or put addresses under `example.com` in their place; accept those that are
    meant to be public.
    """
    yield from _of(model, context, "contact", _REMOVE)


@rule("SNT1906", "network-address", severity=Severity.LOW, formats=("pii",), cwe="CWE-359")
def network(model: Detections, context: RuleContext) -> Iterator[Finding]:
    """Public network addresses lie in a file.

    **What.** IP addresses that are routed publicly, or hardware addresses.

    **Why it matters.** They can belong to a person (GDPR recital 30) or tell where your machines
    are.

    **Fix.** Cut them to their network, or put addresses reserved for documentation in their place.
    """
    yield from _of(model, context, "network", _REMOVE)


@rule("SNT1907", "demographic-data", severity=Severity.MEDIUM, formats=("pii",), cwe="CWE-359")
def demographic(model: Detections, context: RuleContext) -> Iterator[Finding]:
    """Names, dates of birth or the like lie in a file.

    **What.** A column or key whose name and values agree that it holds names, dates of birth or
    other traits of people.

    **Why it matters.** Each says little alone and much together: date of birth, postcode and sex
    are enough to single out most people.

    **Fix.** Leave them out, or make them coarser: the year for the date, the region for the
    postcode.
    """
    yield from _of(model, context, "demographic", _REMOVE)


@rule("SNT1908", "location-data", severity=Severity.MEDIUM, formats=("pii",), cwe="CWE-359")
def location(model: Detections, context: RuleContext) -> Iterator[Finding]:
    """Street addresses or positions of people lie in a file.

    **What.** Streets with house numbers, postcodes or coordinates in a column or behind words that
    say so.

    **Why it matters.** They lead to somebody's door.

    **Fix.** Leave them out or make them coarser.
    """
    yield from _of(model, context, "location", _REMOVE)


@rule("SNT1909", "identifying-combination", severity=Severity.HIGH, formats=("pii",), cwe="CWE-359")
def combination(model: Detections, context: RuleContext) -> Iterator[Finding]:
    """The columns of one table together tell who each row is about.

    **What.** One table has names of people beside another number of theirs, or date of birth,
    postcode and sex side by side.

    **Why it matters.** Whoever has the table can look up a person, or find one again in another
    data set; removing the names alone does not help (Sweeney, "Simple Demographics Often Identify
    People Uniquely", 2000).

    **Fix.** Split the table, leave columns out, or make them coarser until no row stands alone.
    """
    tables: dict[str, dict[str, Any]] = {}
    for one in model.detections:
        if one.place.column:
            tables.setdefault(one.place.path, {}).setdefault(one.info_type, one)
    for path, types in tables.items():
        pair = _identifying(model, types)
        if pair:
            columns = " and ".join(f"{name} ({types[name].place.column})" for name in pair)
            found = context.finding(
                f"the rows of one table tell who they are about: {columns}",
                evidence=" ".join(pair),
                remedy="Leave one of the columns out, or make it coarser.",
                confidence=Confidence.MEDIUM,
            )
            place = found.location
            member = "!".join(part for part in (place.member, path) if part)
            yield found._replace(locations=(place._replace(member=member),))


def _identifying(model: Detections, types: dict[str, Any]) -> tuple[str, ...]:
    traits = ("DATE_OF_BIRTH", "POSTCODE", "SEX")
    if all(name in types for name in traits):
        return traits
    others = [name for name in types if model.category(name) in _ANOTHER_ID]
    return ("PERSON", others[0]) if "PERSON" in types and others else ()
