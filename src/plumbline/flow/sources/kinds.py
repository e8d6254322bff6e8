"""Which kinds of event a source may tell, and by what names it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.evidence.origin import kind_of, told_by_tools
from plumbline.model.source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.model.source import Source

# Patterns as in Source.kinds: a kind, or a subject with ".*".
_REPORTS = ("measurement.recorded", "link.asserted", "ledger.corrected")
KINDS: Mapping[SourceKind, tuple[str, ...]] = {
    SourceKind.FORGE: (
        "change.*", "branch.*", "repository.*", "approval.*", "ticket.*", "incident.*", "artifact.*",
        "pipelinerun.*", "taskrun.*", *_REPORTS,
    ),
    SourceKind.CI_SERVER: (
        "pipelinerun.*", "taskrun.*", "build.*", "artifact.*", "testcaserun.*", "testsuiterun.*", "testoutput.*",
        "environment.*", "service.*", "deployment.*", "scan.*", "attestation.*", "dataChange.*", "rollout.*",
        *_REPORTS,
    ),
    SourceKind.TRACKER: ("ticket.*", "incident.*", "approval.*", *_REPORTS),
    SourceKind.SCANNER: ("scan.*", "artifact.signed", "attestation.*", "testoutput.*", "configItem.*", *_REPORTS),
    SourceKind.MONITORING: ("incident.*", "alert.*", "configItem.*", "service.*", "environment.*", *_REPORTS),
    SourceKind.GENERIC: ("*",),
}  # fmt: skip


def may_tell(source: Source, type_: str) -> bool:
    """Whether it may send events of this type. What is no kind known here is kept only from a source that may tell
    anything."""
    kind = kind_of(type_)
    patterns = source.kinds or KINDS[source.kind]
    return "*" in patterns or (bool(kind) and matches(kind, patterns))


def may_send_reports(source: Source) -> bool:
    """Whether it may send report files: who may tell of the output of tests, which is what CDEvents calls them."""
    return matches("testoutput.published", source.kinds or KINDS[source.kind])


def matches(kind: str, patterns: Iterable[str]) -> bool:
    subject = kind.partition(".")[0]
    return any(one in ("*", kind, f"{subject}.*") for one in patterns)


def facts_it_may_tell(source: Source) -> frozenset[str]:
    """The kinds known here that others may tell and this source is allowed to."""
    patterns = source.kinds or KINDS[source.kind]
    return frozenset(kind for kind in told_by_tools() if matches(kind, patterns))


def speaks(source: Source, name: str) -> bool:
    """Whether it may send events whose context.source is this."""
    return any(name == one or name.startswith(f"{one}/") for one in source.speaks_as)
