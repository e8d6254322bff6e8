"""Whatever a name, a number, a digest, a commit or a few words may mean."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Line
from plumbline.api.route import route
from plumbline.flow.search.search import search
from plumbline.kernel import t

_EACH = 20  # of a kind


class FoundView(msgspec.Struct, frozen=True, kw_only=True):
    """``url``: of its page, below the server's address."""

    kind: str  # project, node, pipeline, job, branch, tag, commit, person, item, criterion, setting, event
    title: str
    detail: str
    url: str


class FoundList(msgspec.Struct, frozen=True, kw_only=True):
    """At most 20 of each kind: those of the likeliest kind first, and of each kind the likeliest."""

    found: list[FoundView]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    q: Line


@route("GET", "/resolve", t("What a name, a number, a digest, a commit or a few words may mean."), slow=True,
       use_case=use_cases.SEARCH)  # fmt: skip
def resolve(call: Call, query: Asked) -> FoundList:
    groups = search(call.actor, call.tools.search, query.q, _EACH)
    return FoundList(
        found=[
            FoundView(kind=one.kind, title=one.title, detail=one.detail, url=one.path)
            for group in groups
            for one in group.found
        ]
    )


PART = (resolve,)
