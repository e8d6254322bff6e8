"""Where a door does not yet answer as the table says: each by name, with what it answers instead.

The list may only become shorter. An entry that no longer holds fails the test, as does a deviation that is not here.
"""

from __future__ import annotations

from table_actors import NO_GRANTS, OTHER_SCOPE, OWN_SCOPE, SIGNED_OUT, SWITCHED_OFF
from table_expected import Answer

ALLOWED, FORBIDDEN, INVISIBLE, UNKNOWN = Answer
Deviation = tuple[str, Answer, Answer]  # where, what the table says, what the door answers
_API = "/api/v1"


def _hidden(*places: str) -> set[Deviation]:
    return {(where, INVISIBLE, FORBIDDEN) for where in (*places, "sibling", NO_GRANTS)}


# The API says 403 of a node that the caller may not see.
_PROJECT = (
    f"GET {_API}/pipelines",
    f"POST {_API}/projects/{{project}}/pipelines",
    f"GET {_API}/projects/{{project}}/repository",
    f"PUT {_API}/projects/{{project}}/repository",
    f"GET {_API}/projects/{{project}}/deliveries",
    f"GET {_API}/projects/{{project}}/schedules",
    f"POST {_API}/projects/{{project}}/schedules",
)
_NODE = (
    f"POST {_API}/nodes",
    f"PATCH {_API}/nodes/{{node}}",
    f"GET {_API}/nodes/{{node}}/variables",
    f"PUT {_API}/nodes/{{node}}/variables/{{name}}",
    f"DELETE {_API}/nodes/{{node}}/variables/{{name}}",
    f"GET {_API}/nodes/{{node}}/repository-credentials",
    f"PUT {_API}/nodes/{{node}}/repository-credentials/{{scheme}}/{{host}}",
    f"DELETE {_API}/nodes/{{node}}/repository-credentials/{{scheme}}/{{host}}",
    f"PUT {_API}/people/{{person}}/roles",
    f"DELETE {_API}/people/{{person}}/roles",
)

# What the scopes of a token do not name is not refused, but as if it were not there; also to a token whose scope is
# the very one that is needed, since it has to have the scope of seeing besides.
_BLIND = {(OTHER_SCOPE, FORBIDDEN, INVISIBLE)}
_BLIND_WITH_SCOPE = _BLIND | {(OWN_SCOPE, ALLOWED, INVISIBLE)}
_VIEWS = (
    f"GET {_API}/node",
    f"GET {_API}/pipelines/{{pipeline}}",
    f"GET {_API}/jobs/{{job}}",
    f"GET {_API}/jobs/{{job}}/log",
)
_ACTS = (
    f"POST {_API}/pipelines/{{pipeline}}/cancel",
    f"POST {_API}/pipelines/{{pipeline}}/retry",
    f"POST {_API}/jobs/{{job}}/play",
    f"POST {_API}/jobs/{{job}}/retry",
    f"POST {_API}/jobs/{{job}}/cancel",
    f"GET {_API}/jobs/{{job}}/artifacts",
    f"POST {_API}/jobs/{{job}}/artifacts/keep",
    f"DELETE {_API}/jobs/{{job}}/artifacts/keep",
    f"PUT {_API}/schedules/{{schedule}}",
    f"DELETE {_API}/schedules/{{schedule}}",
    f"POST {_API}/schedules/{{schedule}}/play",
)

_SINGLE: dict[str, set[Deviation]] = {
    # The pages show the way to what somebody sees, the API does not.
    f"GET {_API}/nodes/{{node}}": {("below", ALLOWED, FORBIDDEN), *_hidden()},
    f"GET {_API}/node": {("below", ALLOWED, INVISIBLE)},
    # That a token makes no other one is told as if its values were wrong.
    f"POST {_API}/me/tokens": {(OTHER_SCOPE, FORBIDDEN, ALLOWED)},
    # A role that is too wide is refused with 409 on pages, and with 403 by the API.
    "POST /people/{person:int}/grant": {("installation", FORBIDDEN, ALLOWED)},
    "POST /people/{person:int}/revoke": {(where, FORBIDDEN, ALLOWED) for where in ("own", "above", "installation")},
    # Who shows no token is refused with 403, as is who shows one without the permission.
    "GET /metrics": {(where, UNKNOWN, FORBIDDEN) for where in (SIGNED_OUT, SWITCHED_OFF)},
}

_GROUPS = ((_PROJECT, _hidden()), (_NODE, _hidden("below")), (_VIEWS, _BLIND), (_ACTS, _BLIND_WITH_SCOPE))


def deviations(door: str) -> set[Deviation]:
    """Those of a door."""
    found = {one for doors, entries in _GROUPS if door in doors for one in entries}
    return found | _SINGLE.get(door, set())


NAMED = frozenset(_SINGLE) | {door for doors, _ in _GROUPS for door in doors}
