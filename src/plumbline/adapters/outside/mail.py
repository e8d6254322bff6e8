"""A checkpoint as a mail, the note attached as it is."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.outside.failing import not_delivered
from plumbline.kernel import t
from plumbline.model.outside import OutsidePlace, PlaceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.model.event import Checkpoint
    from plumbline.model.ports.ledger import Ledger

_TIMEOUT = 20.0  # seconds


class MailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``security``: ``starttls``, ``tls`` or ``none``."""

    host: str
    port: int
    security: str
    sender: str
    to: tuple[str, ...]
    user: str = ""


class MailCourier:
    def __init__(self, settings: MailSettings, password: Callable[[], str]) -> None:
        name = f"{', '.join(settings.to)} ({settings.host}:{settings.port})"
        self.place = OutsidePlace(kind=PlaceKind.MAIL, name=name)
        self._settings = settings
        self._password = password

    def deliver(self, checkpoint: Checkpoint, ledger: Ledger) -> Checkpoint:  # noqa: ARG002
        settings, password = self._settings, self._password()
        try:
            with self._connected() as server:
                if settings.user:
                    server.login(settings.user, password)
                refused = server.send_message(_message(settings, checkpoint))
        except (OSError, smtplib.SMTPException) as error:
            said = str(error).replace(password, "[masked]") if password else str(error)
            raise not_delivered(self.place, said) from error
        if refused:
            raise not_delivered(self.place, t("not taken for {names}", names=", ".join(sorted(refused))))
        return checkpoint

    def _connected(self) -> smtplib.SMTP:
        settings, context = self._settings, ssl.create_default_context()
        if settings.security == "tls":
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=_TIMEOUT, context=context)
        server = smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT)
        if settings.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server


def _message(settings: MailSettings, checkpoint: Checkpoint) -> EmailMessage:
    """The same checkpoint has the same id, so that one that is sent twice is known as one."""
    message = EmailMessage()
    message["From"], message["To"] = settings.sender, ", ".join(settings.to)
    message["Subject"] = f"Checkpoint of {checkpoint.origin}: {checkpoint.size} entries"
    message["Message-ID"] = f"<{checkpoint.root.hex()[:32]}.{checkpoint.size}@{checkpoint.origin}>"
    words = t("Keep this mail: `plumb ledger verify --against FILE` holds the ledger against the attached note.")
    message.set_content(f"{words}\n")
    name = f"{checkpoint.origin}-{checkpoint.size}.note"
    message.add_attachment(checkpoint.note, maintype="application", subtype="octet-stream", filename=name)
    return message
