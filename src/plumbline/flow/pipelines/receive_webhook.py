"""A forge tells of something: it is written down and answered at once, however often it is told.

What asks for a pipeline is carried out from the queue (:mod:`plumbline.flow.pipelines.carry_out`): no answer waits for
a repository.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.people.refusals import Refusal
from plumbline.flow.pipelines.deliveries import BY_OURSELVES, Came, refuse_at_once, unread, write_down
from plumbline.flow.pipelines.events import delivery_refused
from plumbline.flow.pipelines.sanitize import usable
from plumbline.flow.tree.bind_repository import secret_place
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.server import Binding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.server import Delivery, StoredPipeline, Webhook

COMMITS = 100  # of one push that are named in the ledger
_FORGED = 10  # forged messages a minute, of one sender, that are recorded one by one
_WITHOUT_PROOF, _UNKNOWN = "webhook-forged", "unknown-forge"
_UNREADABLE = "webhook-unreadable"  # by whoever knows the secret


class Message(NamedTuple):
    """A webhook as it came. ``request``: the id of the request, which stands for the delivery's until that is known."""

    forge: str
    headers: Mapping[str, str]
    body: bytes
    request: str


class Told(NamedTuple):
    """A message, and the pipeline that was made of it; None: none yet, or none at all."""

    delivery: Delivery
    pipeline: StoredPipeline | None


def receive_webhook(actor: Actor, server: Server, project: int, message: Message) -> Delivery:
    """Write down what a forge sent, where it proves itself; the same again is the same delivery, with the outcome it
    has by now. PlumblineErrors say why it proves nothing. That is recorded, and whoever sent it learns nothing: whether
    there is the project, and at which forge, is told to nobody."""
    with server.units.view(actor) as unit:
        unit.require(use_cases.RECEIVE_WEBHOOK)
        binding = unit.tx.bindings.get(project)
    binding, came, read = _proved(server, binding, project, message, actor.address)
    if isinstance(read, PlumblineError):
        told = unread(binding, message.forge, f"sha256:{came.body}", server.clock(), came)
        return _not_understood(server, told, read)
    return receive_change(server, binding, read, came)


def outcome_of_message(actor: Actor, server: Server, project: int, message: Message) -> Told:
    """What came by now of a message that was sent before, for whoever shows the same message with its proof; nothing is
    written. PlumblineErrors as :func:`receive_webhook`; ``not-found`` where it was never taken."""
    with server.units.view(actor) as unit:
        unit.require(use_cases.RECEIVE_WEBHOOK)
        binding = unit.tx.bindings.get(project)
    _, came, read = _proved(server, binding, project, message, actor.address)
    name = f"sha256:{came.body}" if isinstance(read, PlumblineError) else read.delivery
    with server.store.view() as tx:
        known = tx.deliveries.told(message.forge, project, name, came.body)
        if known is None:
            raise not_found(t("No message with these bytes was taken."))
        return Told(known, tx.pipelines.get(known.pipeline) if known.pipeline else None)


def _proved(
    server: Server, binding: Binding | None, project: int, message: Message, address: str
) -> tuple[Binding, Came, Webhook | PlumblineError]:
    """A message that proved itself, and what it says; the error where that cannot be understood."""
    forge, place = message.forge, secret_place(project)
    nobodys = server.vault.seal(f"{server.new_uid()}{server.new_uid()}".encode(), place)  # made, opened and compared as
    if binding is None or binding.kind != forge or not binding.secret:  # any other, so that the time does not tell
        binding = Binding(project=project, kind=forge, url="", secret=nobodys)
    secret = server.vault.open(binding.secret, place)
    came = Came(hashlib.sha256(message.body).hexdigest(), address)
    try:
        return binding, came, server.read_webhook(forge, message.headers, message.body, secret)
    except PlumblineError as error:
        if error.code == _UNKNOWN:  # which kinds there are stands in the document of the API
            raise not_found(error.message) from None
        if error.code == _UNREADABLE:
            return binding, came, error
        _refuse_message(server, unread(binding, forge, message.request, server.clock(), came), error)
        raise _proves_nothing() if error.code == _WITHOUT_PROOF else error from None


def receive_change(server: Server, binding: Binding, webhook: Webhook, came: Came = BY_OURSELVES) -> Delivery:
    """Write down a message that proved itself."""
    try:
        webhook = usable(webhook)
    except PlumblineError as error:
        return _not_understood(server, unread(binding, webhook.forge, webhook.delivery, server.clock(), came), error)
    with server.store.change() as tx:
        return write_down(server, tx, binding, webhook, came)[0]


def _proves_nothing() -> PlumblineError:
    """In the same words whatever is wrong, and whatever there is."""
    return PlumblineError(
        _WITHOUT_PROOF,
        t("The message does not prove that it knows the secret of a project here."),
        t("Set the same secret in the forge's webhook and in the project's repository settings: GitLab's signing "
          "token, where its webhook has one. See that the address is the one that the settings show."),
        kind=ErrorKind.REFUSED,
    )  # fmt: skip


def _not_understood(server: Server, delivery: Delivery, error: PlumblineError) -> Delivery:
    with server.store.change() as tx:
        return refuse_at_once(server, tx, delivery, error)


def _refuse_message(server: Server, delivery: Delivery, error: PlumblineError) -> None:
    """A message that proves nothing may come from anybody, and as often: some are recorded, others are counted."""

    def tell() -> None:
        refuse_delivery(server, delivery, error.code)

    if error.code == _WITHOUT_PROOF:
        refusal = Refusal(
            f"hooks/{delivery.forge}", error.code, "", delivery.address
        )  # by project, its time would tell
        server.refusals.refused(refusal, server.clock(), tell, free=_FORGED)
    else:
        tell()


def refuse_delivery(server: Server, delivery: Delivery, reason: str) -> None:
    """Record that something was not acted on that is kept nowhere else."""
    with server.store.change() as tx:
        tx.record(delivery_refused(server.source, delivery, server.clock(), reason, uid=server.new_uid()))
