"""Builds what assessments need: packs, kept files, and the ledger they are computed from."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.adapters.forges import forges
from plumbline.adapters.packs import ImportedPacks, KeptFiles, KeptPacks, load_pack, shipped
from plumbline.evidence.origin import shown_by_repositories
from plumbline.facts import Evidence
from plumbline.flow.assessments.assess import assess_evidence, seen_of
from plumbline.flow.assessments.repository_names import source_of
from plumbline.flow.assessments.tools import AssessmentTools
from plumbline.flow.unit_of_work import Units
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.maturity import told_by
from plumbline.model.assessment import Scope
from plumbline.wiring.installation import installation_source
from plumbline.wiring.observation import figures_of, observed, open_observation, record_observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from plumbline.adapters.store import Store
    from plumbline.evidence import SigningKey
    from plumbline.maturity import Beside, Pack, PackFile, Rendered, Told
    from plumbline.model.assessment import Assessment
    from plumbline.model.event import Entry, EventDraft
    from plumbline.model.ports.ledger import Ledger
    from plumbline.observation import Figure, ObservedCommit
    from plumbline.trace import Seen

_log = logging.getLogger(__name__)

PACKS = "packs"  # in the data folder: what assessments were made with, by digest
FRAMEWORKS = "frameworks"  # in the data folder: packs that were imported, by their ids
OVERLAYS = "overlays"  # in the data folder: PACK.yaml is laid over the pack of this name
DOCUMENTS = "documents"  # in the data folder: what is attached to statements, by digest

__all__ = [
    "assess_repository",
    "assessment_tools",
    "imported_packs",
    "load_pack",
    "open_assessments",
    "pack_of",
    "refresh_from",
    "render_and_log",
    "render_assessment",
    "shipped",
    "shipped_pack",
]


def assessment_tools(
    folder: str,
    units: Units,
    ledger: Ledger,
    signing_key: Callable[[], SigningKey | None],
    refresh: Callable[[str], None] = lambda _: None,
) -> AssessmentTools:
    """``folder``: the data folder; ``units`` and ``ledger`` are of the same store."""
    packs, documents = KeptPacks(os.path.join(folder, PACKS)), KeptFiles(os.path.join(folder, DOCUMENTS))
    return AssessmentTools(
        units=units,
        ledger=ledger,
        signing_key=signing_key,
        shipped=lambda: (*shipped(), *imported_packs(folder).names()),
        load_pack=lambda name: pack_of(folder, name),
        keep_pack=packs.keep,
        kept_pack=packs.get,
        keep_file=documents.keep,
        file=documents.get,
        refresh=refresh,
        forge_tells=_told_by_forge,
    )


def _told_by_forge(name: str) -> frozenset[str]:
    return frozenset(kind for one in forges()[name].tells for kind in one.events)


def imported_packs(folder: str) -> ImportedPacks:
    return ImportedPacks(os.path.join(folder, FRAMEWORKS))


def pack_of(folder: str, name: str) -> PackFile:
    """A pack with the organisation's overlay, where the data folder has one; or one that was imported, as it is."""
    if name not in shipped() and (found := imported_packs(folder).get(name)) is not None:
        return found
    overlay = os.path.join(folder, OVERLAYS, f"{name}.yaml")
    return load_pack(name, (overlay,) if name in shipped() and os.path.exists(overlay) else ())


def render_assessment(
    assessment: Assessment, language: str, kind: str, form: str = "full", beside: Beside | None = None
) -> Rendered:
    """A report as one file: ``html`` or ``pdf``, in English or Chinese, ``full`` or ``short``. Its times stand in the
    zone of this machine beside UTC."""
    from plumbline.adapters.renderers import render_html, render_pdf
    from plumbline.maturity import Beside, Rendered

    here = msgspec.structs.replace(beside or Beside(), zone=None)
    if kind == "pdf":
        return render_pdf(assessment, language, form, here)
    return Rendered(data=render_html(assessment, language, form, here).encode())


def render_and_log(assessment: Assessment, language: str, kind: str, form: str, beside: Beside) -> Rendered:
    """As :func:`render_assessment`, for a server: what a report warns of is in its log as well."""
    rendered = render_assessment(assessment, language, kind, form, beside)
    for warning in rendered.warnings:
        _log.warning("a report on %s: %s", assessment.scope.subject, warning)
    return rendered


def shipped_pack(name: str) -> Pack | None:
    """The pack of this id as it comes along; None for another."""
    return load_pack(name).pack if name in shipped() else None


class RepositoryAssessed(NamedTuple):
    """``end``: of the year that the figures are of, seconds since the epoch. ``shallow``: only a part of the history
    was there. ``told``: what the repository told and since when, counted when it is asked for."""

    assessment: Assessment
    figures: tuple[Figure, ...]
    end: int
    shallow: bool
    told: Callable[[], tuple[Told, ...]]


def assess_repository(
    place: str, pack: str, overlays: tuple[str, ...] = (), ref: str | None = None
) -> RepositoryAssessed:
    """What a repository shows by itself, as of its newest commit or tag: the same repository gives the same result."""
    file = load_pack(pack, overlays)
    told: dict[str, Seen | None] = {}

    def each(commit: ObservedCommit, event: EventDraft) -> None:
        if not commit.reverts:
            told[commit.sha] = seen_of(event.body)

    with open_observation(place, ref, each=each) as seen:
        times = [commit.committed for commit in seen.history.commits] + [tag.made for tag in seen.history.tags]
        end = max(times, default=0)
        found = observed(seen, known=told)
        events = [told[one.sha] for one in found.history.commits if one.sha in told]
        events += [seen_of(draft.body) for draft in found.events]
        heard = tuple(sorted(shown_by_repositories()))
        scope = Scope(subject=seen.project, as_of=len(events), end=end * 1_000_000, heard=heard)
        known = [one for one in events if one is not None]

        def told_of() -> tuple[Told, ...]:
            return told_by((one.cited.source, one.time, one.word) for one in known if one.time <= scope.end)

        made = assess_evidence(file, Evidence(known, scope.end), scope)
        return RepositoryAssessed(made, figures_of(seen, found.history, end), end, seen.history.shallow, told_of)


class Mirror(NamedTuple):
    """The copy of a project's repository. What it shows is named by the project's oldest name (and by when that became
    free, where another had it before), so that a commit stays the same event whatever the project is called."""

    node: int
    path: str
    folder: str
    name: str
    free: int

    @property
    def source(self) -> str:
        return source_of(self.name) + (f":{self.free}" if self.free else "")


def refresh_from(store: Store, mirrors: Sequence[Mirror], now: int) -> None:
    """Bring what repositories tell into the ledger. ``now``: microseconds since the epoch. Raises PlumblineError
    ``node-moved`` where a project was moved meanwhile."""
    for one in mirrors:
        with open_observation(one.folder, title=one.path, mailmap=False) as seen:
            found = observed(seen, one.path, source=one.source)
            record_observation(
                store.ledger, found.history, found.events, one.path, certain=True, now=now, source=one.source,
                append=partial(_append_at, store, one),
            )  # fmt: skip


def _append_at(store: Store, mirror: Mirror, drafts: Sequence[EventDraft]) -> Sequence[Entry]:
    """Append what is new. What was told under a former name of the project is known, though it says that name."""
    with store.change() as tx:
        node = tx.tree.get(mirror.node)
        if node is None or node.path != mirror.path:
            raise PlumblineError(
                "node-moved",
                t("{path} was moved meanwhile.", path=mirror.path),
                t("Look at it again, and repeat what you wanted."),
                kind=ErrorKind.REFUSED,
            )
        known = tx.known((draft.source, draft.id) for draft in drafts)
        tx.append([draft for draft in drafts if (draft.source, draft.id) not in known])
    return ()


@contextmanager
def open_assessments(data: str | None, database: str | None) -> Iterator[AssessmentTools]:
    """For commands that work on a store while no server need be running."""
    from plumbline.wiring.ledger_keys import own_ledger_key
    from plumbline.wiring.local import data_folder
    from plumbline.wiring.stores import open_records

    with open_records(data, database) as store:
        source = installation_source(store) or "urn:plumbline:command"
        units = Units(store, source, store.clock, lambda: os.urandom(16).hex())
        yield assessment_tools(data_folder(data), units, store.ledger, lambda: own_ledger_key(data, store.ledger))
