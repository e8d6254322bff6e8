"""Opening the store of a server that starts together with its database: wait for the one, tell what else is wrong."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from plumbline.adapters.store.engine import database_url
from plumbline.adapters.store.opening import open_store
from plumbline.adapters.store.store import now
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.adapters.store.opening import StoreSettings
    from plumbline.adapters.store.store import Store

_SHORTEST, _LONGEST = 0.5, 10.0  # seconds between two attempts


def open_when_there(
    settings: StoreSettings, seconds: float, tell: Callable[[PlumblineError], None], clock: Callable[[], int] = now
) -> Store:
    """As :func:`open_store`; a PostgreSQL server that does not answer yet, or is starting up, is waited for so long.
    ``tell`` is called before each pause. One that answers and does not let us in is not waited for: PlumblineError
    ``store-refused``."""
    until, pause = time.monotonic() + seconds, _SHORTEST
    while True:
        try:
            return open_store(settings, clock)
        except PlumblineError as error:
            if error.code != "store-unreachable" or not settings.address:
                raise
            if _answers(settings.address):
                return _open_at_once(settings, clock)
            left = until - time.monotonic()
            if left <= 0:
                raise
            tell(error)
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST)


def _open_at_once(settings: StoreSettings, clock: Callable[[], int]) -> Store:
    """It answers: what is wrong now does not mend itself. It may have begun to answer this moment."""
    try:
        return open_store(settings, clock)
    except PlumblineError as error:
        if error.code != "store-unreachable" or not _answers(settings.address):
            raise
        hint = t("check the user, the password and the name of the database in its address")
        raise PlumblineError("store-refused", error.message, hint) from error


def _answers(address: str) -> bool:
    """Whether a server is there that takes connections, be it not ours. What refuses a connection has no code in
    PostgreSQL's library, and its words are in the language of the server."""
    from psycopg import pq

    asked = database_url(address).set(drivername="postgresql").update_query_dict({"connect_timeout": "3"})
    return pq.PGconn.ping(asked.render_as_string(hide_password=False).encode()) == pq.Ping.OK
