"""Who sent an event that this server did not tell itself: part of its entry, and of what the chain commits to."""

from __future__ import annotations

import msgspec

from plumbline.model.ready import ready


class Sender(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What was known of the sender when the event came in. Empty: there is none of it."""

    source: str = ""  # name of the registered source that proved itself; empty: nobody vouches for whose word it is
    person: str = ""  # name of the person who sent it
    token: str = ""  # id of the token that was shown
    address: str = ""  # the network address that it came from
    delivery: str = ""  # "sha256:..." of the whole delivery that it came in
    scope: str = ""  # path of the node that the source speaks about, where its mapping says so
    door: str = ""  # http, import, forge


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ready(Sender)).decode


def write_sender(sender: Sender) -> bytes:
    """JSON, one way to write the same sender; fields in the order of the class."""
    return _encode(sender)


def read_sender(sender: bytes) -> Sender:
    """Nobody where it is empty or cannot be read."""
    if not sender:
        return NOBODY
    try:
        return _decode(sender)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return NOBODY


NOBODY = Sender()
