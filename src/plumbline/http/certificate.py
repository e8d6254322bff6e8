"""The certificate with which the server speaks HTTPS itself."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.kernel import Text


class Certificate:
    """A chain of certificates and its key, in PEM files. Connections that begin later get what :meth:`renew` read.

    Raises PlumblineError ``certificate-wrong``.
    """

    def __init__(self, chain: str, key: str) -> None:
        self.chain = chain
        self._files = (chain, key)
        self.context = self._loaded()

    def renew(self) -> None:
        """Read the files again. Raises PlumblineError ``certificate-wrong``; what was read before holds then."""
        self._loaded()
        self.context.load_cert_chain(*self._files)

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        path = ""
        try:
            for path in self._files:
                text = Path(path).read_bytes()
            context.load_cert_chain(*self._files, password=lambda: b"")
        except ssl.SSLError as error:
            mismatch = "KEY_VALUES_MISMATCH" in str(error)
            raise _wrong(
                t("The key {key} belongs to another certificate than {chain}.", key=path, chain=self._files[0])
                if mismatch
                else t("The key {key} has a passphrase, which nobody could type here.", key=path)
                if b"ENCRYPTED" in text
                else t("{chain} and {key} are not a certificate and its key in PEM.", chain=self._files[0], key=path)
            ) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise _wrong(t("The file {path} cannot be read: {reason}", path=path, reason=reason)) from error
        return context


def _wrong(message: Text) -> PlumblineError:
    return PlumblineError(
        "certificate-wrong",
        message,
        t("Give the server's certificate with those that issued it below it, and its private key, without a "
          "passphrase, in files that this user may read."),
        kind=ErrorKind.CONFIGURATION,
    )  # fmt: skip
