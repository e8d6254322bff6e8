"""Until when a certificate holds. One that is over keeps no server from starting: it says so, and browsers do."""

from __future__ import annotations

import time
from pathlib import Path

from plumbline.kernel import t
from plumbline.model.health import Check, Health

_SOON = 21 * 86_400  # seconds


def check_certificate(path: str) -> Check:
    """How the certificate in a PEM file stands now."""
    from cryptography.x509 import load_pem_x509_certificate

    name = "certificate"
    cure = t("Put the new certificate in its place, and send the server SIGHUP.")
    try:
        certificate = load_pem_x509_certificate(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = t("The file {path} cannot be read: {reason}", path=path, reason=reason)
        return Check(name=name, health=Health.WARNING, message=message, cure=cure)
    until = certificate.not_valid_after_utc
    left, day = until.timestamp() - time.time(), until.strftime("%Y-%m-%d")
    if left < 0:
        message = t("The certificate {path} expired on {day}: browsers and other servers warn, or refuse.", path=path,
                    day=day)  # fmt: skip
        return Check(name=name, health=Health.PROBLEM, message=message, cure=cure)
    if certificate.not_valid_before_utc.timestamp() > time.time():
        message = t("The certificate {path} does not hold yet.", path=path)
        cure = t("Look at the clock of this machine, or wait.")
        return Check(name=name, health=Health.WARNING, message=message, cure=cure)
    message = t("The certificate {path} holds until {day}.", path=path, day=day)
    health = Health.WARNING if left < _SOON else Health.OK
    return Check(name=name, health=health, message=message, cure=cure if left < _SOON else None)
