"""Builds what takes checkpoints outside."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.adapters.ledger_key import follow_ledger_key, next_ledger_key
from plumbline.adapters.outside import OutsideFile, make_witness_key, turn
from plumbline.adapters.outside import kept_notes as read_notes
from plumbline.adapters.secrets import KeyVault
from plumbline.flow.ledger.key_rotation import record_rotation
from plumbline.flow.ledger.outside import Outside, OutsideTools, nothing_outside, states
from plumbline.flow.ledger.verify_onwards import sign_onwards
from plumbline.flow.tree.repository_credentials import installation_login
from plumbline.kernel import PlumblineError, t
from plumbline.kernel.text import nt
from plumbline.model.health import Check, Health
from plumbline.wiring.ledger_keys import own_ledger_key
from plumbline.wiring.local import data_folder
from plumbline.wiring.moment import moment_of
from plumbline.wiring.stores import KEYS, ledger_key, open_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from plumbline.adapters.store import Store
    from plumbline.evidence import SigningKey
    from plumbline.evidence.cosignature import WitnessKey, WitnessSigner
    from plumbline.model.ports.vault import Vault
    from plumbline.model.repository_credential import RepositoryLogin


def outside_of(folder: str, store: Store, vault: Vault | None) -> Callable[[], Outside]:
    """What is set up in a data folder, as it is whenever it is asked for. Without a vault no credential is opened."""

    def login(url: str) -> RepositoryLogin | None:
        return installation_login(store, vault, url) if vault is not None else None

    file = OutsideFile(folder, login)

    def read() -> Outside:
        found = file.read()
        return Outside(every=found.every, couriers=found.couriers, witnesses=found.witnesses, witnessed=found.witnessed)

    return read


def outside_tools(folder: str, store: Store, outside: Callable[[], Outside]) -> OutsideTools:
    def key() -> SigningKey:
        return own_ledger_key(folder, store.ledger)

    return OutsideTools(store, store.ledger, key, outside, lambda: moment_of(store))


@contextmanager
def open_outside(data: str | None, database: str | None) -> Iterator[OutsideTools]:
    """For a command, beside a server or without one. Raises PlumblineError as opening a store does."""
    folder = data_folder(data)
    with open_records(data, database) as store, turn(folder, wait=True):
        path = Path(folder, KEYS)
        vault = KeyVault(path, create=False) if path.exists() else None
        yield outside_tools(folder, store, outside_of(folder, store, vault))


def check_outside(outside: Callable[[], Outside], store: Store) -> Check:
    """Whether checkpoints get to where they are taken."""
    name = "checkpoints"
    try:
        places = [courier.place for courier in outside().couriers]
    except PlumblineError as error:
        return Check(name=name, health=Health.PROBLEM, message=error.message, cure=error.hint)
    if not places:
        message = t("No checkpoint is taken outside: who has the database and the key could rewrite the ledger unseen.")
        return Check(name=name, health=Health.OK, message=message, cure=nothing_outside().hint)
    known = list(zip(places, states(store, places), strict=True))
    failed = next(((place, state) for place, state in known if state.code), None)
    if failed is not None:
        place, state = failed
        grave = state.code == "witness-saw-otherwise"
        message = nt("{place} has no checkpoint of the last attempt: {reason}",
                     "{place} has no checkpoint of the last {count} attempts: {reason}", state.failures,
                     place=place.name, reason=state.message)  # fmt: skip
        cure = t("Mend that; `plumb ledger deliver` tries it now.")
        return Check(name=name, health=Health.PROBLEM if grave else Health.WARNING, message=message, cure=cure)
    least = min(state.size for _, state in known)
    message = t("{count} places outside have a checkpoint of {size} entries or more.", count=len(places), size=least)
    return Check(name=name, health=Health.OK, message=message)


def witness_key(data: str | None) -> WitnessSigner:
    """The key that this server cosigns with; made where there is none."""
    return make_witness_key(data_folder(data))


def witnesses_of(data: str | None) -> Sequence[WitnessKey]:
    """Whose cosignatures count for what is in this data folder. PlumblineError where that cannot be read."""
    return OutsideFile(data_folder(data)).read().witnesses


def kept_notes(path: str) -> list[bytes]:
    """Signed notes that were kept in a file or in a git repository. Raises PlumblineError where there are none."""
    return read_notes(path)


def rotate_ledger_key(data: str | None, database: str | None) -> tuple[SigningKey, SigningKey]:
    """Let another key sign the ledger from now on; the old one and the new one. Ended in the middle, it is gone on with
    the next time. Raises PlumblineError ``no-ledger-key`` and as opening a store does."""
    folder = data_folder(data)
    with open_records(data, database) as store:
        old = ledger_key(data)
        if old is None:
            raise PlumblineError(
                "no-ledger-key",
                t("There is no ledger key yet that another could follow."),
                t("`plumb ledger checkpoint` makes one."),
            )
        new = next_ledger_key(folder, old)
        record_rotation(store, store.ledger, old, new, moment_of(store))
        follow_ledger_key(folder)
        sign_onwards(store, store.ledger, new, moment_of(store).now)
    return old, new
