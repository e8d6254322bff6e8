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
_PROJECT = ()

# What the scopes of a token do not name is not refused, but as if it were not there; also to a token whose scope is
# the very one that is needed, since it has to have the scope of seeing besides.
_BLIND = {(OTHER_SCOPE, FORBIDDEN, INVISIBLE)}
_BLIND_WITH_SCOPE = _BLIND | {(OWN_SCOPE, ALLOWED, INVISIBLE)}
_VIEWS = (
    *(f"GET {_API}/assessments/{{seq}}{part}" for part in (
        "", "/items/{item}", "/roadmap", "/proofs", "/changes", "/report.html", "/report.pdf")),
)  # fmt: skip
_ACTS = (
    f"GET {_API}/nodes/{{node}}/assessments",
    f"POST {_API}/nodes/{{node}}/assessments",
    f"GET {_API}/nodes/{{node}}/grades",
    f"GET {_API}/assessments/{{seq}}/bundle",
    f"GET {_API}/nodes/{{node}}/statements",
    f"POST {_API}/nodes/{{node}}/statements",
    f"POST {_API}/nodes/{{node}}/statements/review",
    f"GET {_API}/nodes/{{node}}/statements/file",
    f"GET {_API}/nodes/{{node}}/exemptions",
    f"POST {_API}/nodes/{{node}}/exemptions",
    f"POST {_API}/nodes/{{node}}/exemptions/agree",
)

_SINGLE: dict[str, set[Deviation]] = {
    # The pages show the way to what somebody sees, the API does not.
    f"GET {_API}/nodes/{{node}}/assessments": {("below", ALLOWED, INVISIBLE)},
    # Who shows no token is refused with 403, as is who shows one without the permission.
    "GET /metrics": {(where, UNKNOWN, FORBIDDEN) for where in (SIGNED_OUT, SWITCHED_OFF)},
}

_GROUPS = ((_PROJECT, _hidden()), (_VIEWS, _BLIND), (_ACTS, _BLIND_WITH_SCOPE))


def deviations(door: str) -> set[Deviation]:
    """Those of a door."""
    found = {one for doors, entries in _GROUPS if door in doors for one in entries}
    return found | _SINGLE.get(door, set())


NAMED = frozenset(_SINGLE) | {door for doors, _ in _GROUPS for door in doors}
