"""Signatures of findings: what makes one the same as in an earlier scan, whatever moved around it.

1. A signature is a kind, the version of its algorithm and a digest: ``code/1:<sha256>``; a better algorithm gets a new
   version, and several are kept beside each other.
2. Of code: the key of the rule, the path, and the normalised line with its two neighbours. Behind ``#`` stands which
   of several equal ones it is, in their order. Then the same of the line alone, then without the path: it moved.
3. Beside them: what the tool shows of the lines, and what it says. These count where one side has no lines.
4. Of a secret: the rule and the keyed digest of its value. Several places of one value are one finding. Of a value
   that the tool hides only the place is known, as of code.
5. Of a package: its URL without version and each name of the vulnerability; in an image also the image's repository.
6. Of everything else: the rule and the object.

Nothing depends on the number of a line, on the order of a report, or on the ids and fingerprints of a tool.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from plumbline.model.report import Finding, Findings, Report, ScanKind
from plumbline.reports.findings.places import Place, place_of, repository
from plumbline.reports.findings.rules import rule_key
from plumbline.reports.identifiers import named, vulnerabilities
from plumbline.reports.purls import without_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Lines = Callable[[str], Sequence[str] | None]

KINDS = (
    "secret",
    "image",
    "dependency",
    "code",
    "code-line",
    "snippet",
    "object",
    "said",
    "code-moved",
    "snippet-moved",
)  # in the order in which they are trusted
_VERSION = 1
_SPACE = re.compile(r"\s+")
_NUMBERS = re.compile(r"\d+")
_EQUALS = frozenset(("code", "code-line", "code-moved", "snippet", "snippet-moved", "said"))  # there may be equal ones


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A finding with its signatures, the most trusted first. ``finding``: the first of its places, without the value
    of a secret."""

    finding: Finding
    signatures: tuple[str, ...]
    places: tuple[Place, ...]


def signed(report: Report, *, lines_of: Lines, key: bytes) -> tuple[Signed, ...]:
    """The findings of one scan with their signatures, in an order of their own; those that are one are put together.

    ``lines_of``: the lines of a file of the revision that was scanned, None where there is no such file. ``key``: of
    this installation, for the digests of secrets; never empty. A report that is no scan has none.
    """
    if not key:
        raise ValueError("secrets need a key")
    if not isinstance(report.content, Findings):
        return ()
    signer = _Signer(report.tool, report.content.kind, lines_of, key)
    ordered = sorted(report.content.findings, key=_order)
    return tuple(_together([(finding, signer.sign(finding)) for finding in ordered]))


def kind_of(signature: str) -> str:
    return signature.partition("/")[0]


def without_number(signature: str) -> str:
    """The signature that equal findings share."""
    return signature.partition("#")[0]


def normal(line: str) -> str:
    """Without the spaces that a formatter changes."""
    return _SPACE.sub(" ", line).strip()


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.rule, place_of(finding), finding.message, finding.tool_fingerprint)


class _Signer:
    """Signs the findings of one scan in their order."""

    def __init__(self, tool: str, scan: ScanKind, lines_of: Lines, key: bytes) -> None:
        self._tool, self._secrets, self._key = tool, scan is ScanKind.SECRET, key
        self._lines = lru_cache(maxsize=64)(lambda path: _normal_lines(lines_of(path)))
        self._counts: dict[str, int] = {}

    def sign(self, finding: Finding) -> tuple[str, ...]:
        return tuple(map(self._numbered, self._bases(finding)))

    def _numbered(self, base: str) -> str:
        if kind_of(base) not in _EQUALS:
            return base
        number = self._counts.get(base, 0)
        self._counts[base] = number + 1
        return f"{base}#{number}"

    def _bases(self, finding: Finding) -> list[str]:
        rule = rule_key(self._tool, finding.rule) or finding.title or finding.message
        if finding.secret:
            return [_digest("secret", rule, finding.secret, key=self._key)]
        if finding.package:
            return _of_package(rule, finding)
        if finding.path:
            return self._of_code(rule, finding)
        return [_digest("object", rule, finding.object, "" if finding.object else finding.message)]

    def _of_code(self, rule: str, finding: Finding) -> list[str]:
        """Of a secret that the tool hides, the line may hold the value, so that its digest is keyed as well; and the
        column tells two of one line apart."""
        key, place = (self._key, str(finding.column)) if self._secrets else (b"", "")
        line, around = self._around(finding.path, finding.line)
        snippet = normal(finding.snippet)
        said = _NUMBERS.sub("0", normal(finding.message))
        found = []
        if line:
            found.append(_digest("code", rule, finding.path, around, place, key=key))
            found.append(_digest("code-line", rule, finding.path, line, place, key=key))
        if snippet:
            found.append(_digest("snippet", rule, finding.path, snippet, place, key=key))
        found.append(_digest("said", rule, finding.path, said, place, key=key))
        if line:
            found.append(_digest("code-moved", rule, around, place, key=key))
        if snippet:
            found.append(_digest("snippet-moved", rule, snippet, place, key=key))
        return found

    def _around(self, path: str, number: int) -> tuple[str, str]:
        """The line, and the line with the nearest ones around it that are not blank; empty where it does not exist."""
        lines = self._lines(path) if number else None
        if lines is None or number > len(lines) or not lines[number - 1]:
            return "", ""
        index = number - 1
        before = next((text for text in reversed(lines[max(index - 20, 0) : index]) if text), "")
        after = next((text for text in lines[index + 1 : index + 21] if text), "")
        return lines[index], f"{before}\n{lines[index]}\n{after}"


def _normal_lines(lines: Sequence[str] | None) -> list[str] | None:
    return [normal(line) for line in lines] if lines is not None else None


def _of_package(rule: str, finding: Finding) -> list[str]:
    """One for each name, CVE first: two tools that share one name of a vulnerability mean the same."""
    names = dict.fromkeys((*vulnerabilities(finding.identifiers), *vulnerabilities(named(rule))))
    ordered = sorted(names, key=lambda name: (not name.startswith("CVE-"), name)) or [rule]
    package = without_version(finding.package)
    if finding.image:
        return [_digest("image", repository(finding.image), package, name) for name in ordered]
    return [_digest("dependency", package, name) for name in ordered]


def _digest(kind: str, *parts: str, key: bytes = b"") -> str:
    """Keyed where the parts may hold a secret."""
    whole = "\0".join(parts).encode("utf-8", "surrogatepass")
    made = hmac.new(key, whole, hashlib.sha256) if key else hashlib.sha256(whole)
    return f"{kind}/{_VERSION}:{made.hexdigest()}"


def _together(found: list[tuple[Finding, tuple[str, ...]]]) -> Iterator[Signed]:
    """Findings that share a signature are one: a secret in several files, a package in several locks."""
    leads = list(range(len(found)))  # each leads to an earlier one of its group, the first of a group to itself
    first_with: dict[str, int] = {}
    for number, (_, signatures) in enumerate(found):
        for signature in signatures:
            one, other = _first(leads, first_with.setdefault(signature, number)), _first(leads, number)
            leads[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for number in range(len(found)):
        groups.setdefault(_first(leads, number), []).append(number)
    for members in groups.values():
        finding = found[members[0]][0]
        names = dict.fromkeys(signature for number in members for signature in found[number][1])
        yield Signed(
            finding=msgspec.structs.replace(finding, secret="") if finding.secret else finding,
            signatures=tuple(sorted(names, key=lambda name: KINDS.index(kind_of(name)))),
            places=tuple(sorted({place_of(found[number][0]) for number in members})),
        )


def _first(leads: list[int], number: int) -> int:
    while leads[number] != number:
        leads[number] = leads[leads[number]]
        number = leads[number]
    return number
