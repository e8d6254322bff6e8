"""``id_tokens``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> dict[str, tuple[str, ...]]:
    """The audiences of each token, by the name of its variable."""
    found = {}
    for name, entry in reading.entries(nothing=True).items():
        keys = entry.map(("aud",))
        found[name] = keys["aud"].strings(empty=True) if "aud" in keys else ()
    return found


PART = Keyword(
    name="id_tokens",
    places=(Place.DEFAULT, Place.JOB),
    title=t("Signed tokens with which the job proves its identity to others"),
    read=read,
    status=Status.INERT,
    note=t("needs an issuer that others trust, so there is none in a local run; a variable of the same name stands in"),
    reference="ci/yaml/#id_tokens",
    subkeys=(Subkey("*:aud", Status.INERT, t("read and checked")),),
    differs=(t("null takes a token away that comes with extends"),),
)
