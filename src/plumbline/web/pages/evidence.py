"""What was due, what came, and who is silent: per node, per pipeline, and one collection with each of its slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.contracts import ENDINGS, OCCASIONS
from plumbline.flow.contracts.closing import close_collection
from plumbline.flow.contracts.listing import list_contracts
from plumbline.flow.contracts.status import evidence_of_pipeline, list_collections, silent_sources, view_collection
from plumbline.flow.contracts.view_statement import export_run_statement, view_run_statement
from plumbline.flow.pipelines.read import view_pipeline
from plumbline.flow.tree.read_tree import permitted
from plumbline.kernel import t
from plumbline.web.done import Done
from plumbline.web.files import Moment
from plumbline.web.gate_rows import completeness, missing_names, slot_rows, waivers_of
from plumbline.web.gate_words import ABOUT
from plumbline.web.lists import PAGE, Column, ListKind, listing_of
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import Entry, Group
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.contracts.status import SeenCollection

_DRAWN = "M3 2.5h10v11H3zM5.5 6l1 1 1.8-2M9.5 6h1.5M5.5 10h1.5M9.5 10h1.5"
_MOST = 400  # of the newest collections, that are looked through for those in a state
VERIFIED = {  # what the checks of a signed statement are about
    "signature": t("signature"),
    "key": t("key"),
    "ledger": t("ledger"),
    "slots": t("slots"),
    "entries": t("entries"),
    "statement": t("statement"),
}
STATES = {
    "open": t("still open"),
    "complete": t("closed with everything there"),
    "incomplete": t("closed with something missing"),
}
_KIND: ListKind[SeenCollection] = ListKind(
    "collections",
    (
        Column("state", t("State"), lambda one: str(STATES[_state(one)])),
        Column("about", t("About"), lambda one: one.collection.subjects.commit[:8] or one.collection.subjects.change),
        Column("occasion", t("Occasion"), lambda one: str(OCCASIONS[one.collection.occasion])),
        Column("project", t("Project"), lambda one: one.collection.path),
        Column("there", t("There in time"), lambda one: completeness(one.slots).there, number=True),
        Column("due", t("Slots due"), lambda one: completeness(one.slots).due, number=True),
        Column("missing", t("Not there"), lambda one: ", ".join(missing_names(one.slots))),
        Column("opened", t("Opened"), lambda one: Moment(one.collection.opened), number=True, unit="UTC"),
    ),
    ("state", "occasion"),
)


def _state(one: SeenCollection) -> str:
    if not one.collection.closed:
        return "open"
    return "complete" if one.complete else "incomplete"


@shows("/nodes/{node:int}/evidence", use_case=use_cases.VIEW_COLLECTIONS, slow=True, entries=(
    Entry("evidence", t("What was due"), Group.EVIDENCE, drawn=_DRAWN),))  # fmt: skip
def of_node(ask: Ask) -> Shown | Raw:
    node, ancestors = find(ask, ask.numbers["node"])
    listing = listing_of(ask, _KIND)
    found = _found(ask, node.id, listing.chosen)
    file = listing.file(ask, found)
    if file is not None:
        return file
    offset = int(listing.here) if listing.here.isascii() and listing.here.isdecimal() and len(listing.here) < 9 else 0
    end = offset + PAGE
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "listing": listing.with_rows(found[offset:end], len(found), str(end) if end < len(found) else ""),
        "states": STATES,
        "state_of": _state,
        "occasions": OCCASIONS,
        "whole": completeness([slot for one in found if one.collection.closed for slot in one.slots]),
        "closed": sum(1 for one in found if one.collection.closed),
        "looked_at": _MOST,
        "silent": silent_sources(ask.actor, ask.tools.contracts, node.id),
        "contracts": [one for one in list_contracts(ask.actor, ask.tools.contracts, node.id) if not one.kept.retired],
        "of_slots": completeness,
        "missing_of": missing_names,
        "command": api_command(f"/nodes/{node.id}/collections"),
    }
    return Shown("evidence.html", values)


def _found(ask: Ask, node: int, chosen: dict[str, str]) -> Sequence[SeenCollection]:
    """Of the newest, those that are wanted."""
    state, occasion = chosen.get("state", ""), chosen.get("occasion", "")
    found = list_collections(ask.actor, ask.tools.contracts, node, limit=_MOST, open_only=state == "open")
    wanted = (one for one in found if not occasion or one.collection.occasion == occasion)
    return [one for one in wanted if not state or _state(one) == state]


@shows("/pipelines/{pipeline:int}/evidence", use_case=use_cases.VIEW_COLLECTIONS, inside="pipelines", slow=True)
def of_pipeline(ask: Ask) -> Shown:
    pipeline = view_pipeline(ask.actor, ask.tools.pipelines, ask.numbers["pipeline"]).pipeline
    seen = evidence_of_pipeline(ask.actor, ask.tools.contracts, pipeline.id)
    values = {
        **_about(ask, pipeline.project),
        "pipeline": pipeline,
        "collections": [(one, slot_rows(ask, one), completeness(one.slots)) for one in seen],
        "command": api_command(f"/pipelines/{pipeline.id}/evidence"),
    }
    return Shown("pipeline_evidence.html", values)


@shows("/collections/{uid}", use_case=use_cases.VIEW_COLLECTIONS, inside="evidence", slow=True)
def one(ask: Ask) -> Shown:
    seen = view_collection(ask.actor, ask.tools.contracts, ask.part("uid"))
    about = _about(ask, seen.collection.project)
    closes, signs = permitted(
        ask.actor, ask.tools.tree, seen.collection.project, use_cases.CLOSE_COLLECTION, use_cases.VIEW_RUN_STATEMENT
    )
    values = {
        **about,
        "seen": seen,
        "one": seen.collection,
        "rows": slot_rows(ask, seen),
        "counted": completeness(seen.slots),
        "closes": closes,
        "signs": signs,
        "command": api_command(f"/collections/{seen.collection.uid}"),
    }
    return Shown("collection.html", values)


def _about(ask: Ask, project: int) -> dict[str, object]:
    node, ancestors = find(ask, project)
    return {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "states": STATES,
        "state_of": _state,
        "occasions": OCCASIONS,
        "endings": ENDINGS,
        "about": ABOUT,
        "waivers": waivers_of(ask, project),
    }


@does("/collections/{uid}/close", use_case=use_cases.CLOSE_COLLECTION)
@keeps(one)
def close(ask: Ask) -> Redirect:
    uid = ask.part("uid")
    close_collection(ask.actor, ask.tools.contracts, uid, ask.text("reason").strip())
    return Redirect(f"/collections/{uid}")


@shows("/collections/{uid}/statement", use_case=use_cases.VIEW_RUN_STATEMENT, inside="evidence", slow=True)
def statement(ask: Ask) -> Shown:
    """What the signed statement says, verified here and now."""
    signed = view_run_statement(ask.actor, ask.tools.attestations, ask.part("uid"))
    node, ancestors = find(ask, signed.collection.project)
    (exports,) = permitted(ask.actor, ask.tools.tree, node.id, use_cases.EXPORT_RUN_STATEMENT)
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "one": signed.collection,
        "verified": signed.verified,
        "run": signed.verified.run,
        "envelope": signed.envelope.decode("utf-8", "replace"),
        "occasions": OCCASIONS,
        "verified_about": VERIFIED,
        "exports": exports,
        "command": api_command(f"/collections/{signed.collection.uid}/statement"),
    }
    return Shown("run_statement.html", values)


@does("/collections/{uid}/statement", use_case=use_cases.EXPORT_RUN_STATEMENT, done=Done.NOTHING)
def take_along(ask: Ask) -> Raw:
    """The statement with its proofs, as `plumb evidence verify` reads it; that somebody took it stays in the ledger."""
    made = export_run_statement(ask.actor, ask.tools.attestations, ask.part("uid"))
    return Raw(made.lines, "application/jsonl", {"Content-Disposition": f'attachment; filename="{made.name}"'})


PART = (of_node, of_pipeline, one, close, statement, take_along)
