"""One artifact with its whole story, its verification, and how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.artifacts.packages import of_stored
from plumbline.evidence.attestations import Result
from plumbline.flow.artifacts.manifests import delete_manifest
from plumbline.flow.artifacts.packages import delete_package
from plumbline.flow.artifacts.tags import delete_tag
from plumbline.flow.artifacts.verify import export_artifact, verify_artifact
from plumbline.flow.artifacts.view_artifact import view_artifact
from plumbline.flow.tree.read_tree import list_nodes, permitted
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.artifact import Kind
from plumbline.web.artifact_words import PARTS, file_commands, image_commands, title_of, what_is
from plumbline.web.done import Done
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.tree import find

if TYPE_CHECKING:
    from plumbline.access import UseCase
    from plumbline.evidence.attestations import Verified
    from plumbline.flow.artifacts.view_artifact import ArtifactStory
    from plumbline.kernel import Text
    from plumbline.model.tree import Node

SHOWN = 12  # characters of a digest that are typed to say that this very one is meant
_NAMED = {
    "bytes": t("Its bytes"),
    "ledger": t("The ledger"),
    "attestation": t("What is said of it"),
    "recorded": t("What the ledger says is said of it"),
    "provenance": t("How it was built"),
}
OUTCOMES = {Result.PASSED: "met", Result.FAILED: "not_met", Result.NO_DATA: "unknown"}
STANDINGS = {"trusted": "met", "unknown": "unknown", "refused": "not_met"}


@shows("/projects/{node:int}/artifacts/{digest}", use_case=use_cases.VIEW_ARTIFACT, inside="artifacts", slow=True)
def one(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    return _shown(ask, node, ancestors)


def _shown(ask: Ask, node: Node, ancestors: tuple[Node, ...], verified: Verified | None = None) -> Shown:
    story = view_artifact(ask.actor, ask.tools.artifacts, node.id, ask.part("digest"))
    artifact = story.artifact
    deletes, exports = permitted(
        ask.actor, ask.tools.tree, node.id, _deleting(artifact.kind), use_cases.EXPORT_ARTIFACT
    )
    path = f"/projects/{node.id}/artifacts/{artifact.digest}"
    values = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": True,
        "story": story,
        "one": artifact,
        "title": title_of(artifact),
        "what": what_is(artifact),
        "what_is": what_is,
        "of_stored": of_stored,
        "parts": PARTS,
        "by_id": {str(each.id): each for each in list_nodes(ask.actor, ask.tools.tree)},
        "components": sum(int(each.counts.get("components", 0)) for each in story.reports
                          if each.holds == "components") or None,
        "commands": _commands(ask, story),
        "own": path,
        "here": path,
        "verified": verified,
        "named": _NAMED,
        "outcomes": OUTCOMES,
        "standings": STANDINGS,
        "deletes": deletes,
        "exports": exports,
        "shown": SHOWN,
        "command": api_command(f"/projects/{node.id}/artifacts/{artifact.digest}"),
    }  # fmt: skip
    return Shown("artifact.html", values)


def _deleting(kind: Kind) -> UseCase:
    return use_cases.DELETE_PACKAGE if kind is Kind.GENERIC else use_cases.DELETE_ARTIFACT


def _commands(ask: Ask, story: ArtifactStory) -> list[tuple[Text, str]]:
    artifact = story.artifact
    if artifact.kind is Kind.GENERIC:
        own = file_commands(ask, artifact)
    else:
        own = image_commands(ask, artifact.repository, f"@{artifact.digest}")
    return [*own, (t("Verify it anywhere, with the file that is taken along"),
                   f"plumb artifact verify {artifact.digest} --bundle FILE")]  # fmt: skip


@does("/projects/{node:int}/artifacts/{digest}/verify", use_case=use_cases.VERIFY_ARTIFACT,
      inside="artifacts", done=Done.NOTHING)  # fmt: skip
def verify(ask: Ask) -> Shown:
    node, ancestors = find(ask, ask.numbers["node"])
    verified = verify_artifact(ask.actor, ask.tools.attestations, node.id, ask.part("digest"))
    return _shown(ask, node, ancestors, verified)


@does("/projects/{node:int}/artifacts/{digest}/export", use_case=use_cases.EXPORT_ARTIFACT, done=Done.NOTHING)
def export(ask: Ask) -> Raw:
    made = export_artifact(ask.actor, ask.tools.attestations, ask.numbers["node"], ask.part("digest"))
    return Raw(made.lines, "application/x-ndjson", {"Content-Disposition": f'attachment; filename="{made.name}"'})


@does("/projects/{node:int}/artifacts/{digest}/untag", use_case=use_cases.DELETE_ARTIFACT, done=Done.REMOVED)
@keeps("/projects/{node:int}/artifacts/{digest}")
def untag(ask: Ask) -> Redirect:
    node, digest = ask.numbers["node"], ask.part("digest")
    delete_tag(ask.actor, ask.tools.artifacts, ask.text("repository"), ask.text("tag"))
    return Redirect(f"/projects/{node}/artifacts/{digest}")


@does("/projects/{node:int}/artifacts/{digest}/delete",
      use_case=(use_cases.DELETE_ARTIFACT, use_cases.DELETE_PACKAGE), done=Done.REMOVED)  # fmt: skip
@keeps("/projects/{node:int}/artifacts/{digest}")
def delete(ask: Ask) -> Redirect:
    """Under all the names that it has in the project."""
    node, digest = ask.numbers["node"], ask.part("digest")
    artifact = view_artifact(ask.actor, ask.tools.artifacts, node, digest).artifact
    (may,) = permitted(ask.actor, ask.tools.tree, node, _deleting(artifact.kind))
    typed = checked_line(ask.text("gone_digest")).strip() == digest.partition(":")[2][:SHOWN]
    if may and not typed:  # whoever may not is told that below
        raise PlumblineError(
            "digest-not-typed",
            t("These are not the first {count} characters of its digest.", count=SHOWN),
            t("Nothing was deleted: look again which artifact is meant."),
            kind=ErrorKind.CONFIGURATION,
        )
    if artifact.kind is Kind.GENERIC:
        name = of_stored(artifact.name, artifact.version)
        delete_package(ask.actor, ask.tools.artifacts, node, name.package, name.version, name.file)
    else:
        delete_manifest(ask.actor, ask.tools.artifacts, artifact.repository, digest)
    return Redirect(f"/nodes/{node}/artifacts")


PART = (one, verify, export, untag, delete)
