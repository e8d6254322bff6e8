"""What forges were told of gates."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Time
from plumbline.api.route import route
from plumbline.flow.gates import telling_seen
from plumbline.kernel import t
from plumbline.model.telling import Comment, Telling


class TellingView(msgspec.Struct, frozen=True, kw_only=True):
    """``what``: status or comment; ``about``: the commit or the number of the merge request. ``told``: whether the
    forge has the newest; ``next_try``, ``stopped``: 0 where there is none. ``problem``: a code, said in ``message``;
    ``detail``: the forge's own words."""

    what: str
    about: str
    context: str
    told: bool
    next_try: Time
    stopped: Time
    tries: Count
    problem: str
    message: str
    detail: str
    changed: Time


class TellingList(msgspec.Struct, frozen=True, kw_only=True):
    """``why_not``: why nothing at all is told; empty: it is."""

    why_not: str
    tellings: list[TellingView]


@route("GET", "/projects/{project}/tellings", t("What the forge was told of the gates of a project, the newest first."),
       use_case=use_cases.LIST_TELLINGS)  # fmt: skip
def list_tellings(call: Call, project: Id) -> TellingList:
    gates = call.tools.gates
    found = telling_seen.list_tellings(call.actor, gates.units, gates.told_kinds, project)
    return TellingList(why_not=str(found.why_not), tellings=[_shown(one) for one in found.tellings])


def _shown(one: Telling) -> TellingView:
    wanted = one.wanted
    return TellingView(
        what="comment" if isinstance(wanted, Comment) else "status",
        about=wanted.change if isinstance(wanted, Comment) else wanted.commit,
        context="" if isinstance(wanted, Comment) else wanted.context,
        told=one.told == one.version,
        next_try=one.due,
        stopped=one.stopped,
        tries=one.faults,
        problem=one.problem,
        message=str(telling_seen.problem_said(one)),
        detail=one.detail,
        changed=one.changed,
    )


PART = (list_tellings,)
