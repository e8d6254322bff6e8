"""Where a door does not answer as the table says: each by name, with what it answers instead.

The list may only become shorter. An entry that no longer holds fails the test, as does a deviation that is not here.
"""

from __future__ import annotations

from table_actors import SIGNED_OUT, SWITCHED_OFF
from table_expected import Answer

Deviation = tuple[str, Answer, Answer]  # where, what the table says, what the door answers

DEVIATIONS: dict[str, set[Deviation]] = {
    # Who shows no token is refused as is who shows one without the permission: what scrapes figures knows 403.
    "GET /metrics": {(where, Answer.UNKNOWN, Answer.FORBIDDEN) for where in (SIGNED_OUT, SWITCHED_OFF)},
}
