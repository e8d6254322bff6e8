"""``secrets``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_REQUIRED: dict[str, tuple[str, ...]] = {
    "vault": ("engine", "path", "field"),
    "gcp_secret_manager": ("name",),
    "azure_key_vault": ("name",),
    "aws_secrets_manager": ("secret_id",),
    "gitlab_secrets_manager": ("name",),
}
_SHORT_FORM = ("vault", "aws_secrets_manager")  # may be one text
_KEYS = {
    "vault": ("engine", "engine:name", "engine:path", "path", "field"),
    "gcp_secret_manager": ("name", "version"),
    "azure_key_vault": ("name", "version"),
    "aws_secrets_manager": (
        "secret_id",
        "version_id",
        "version_stage",
        "region",
        "role_arn",
        "role_session_name",
        "field",
    ),
    "gitlab_secrets_manager": ("name", "source"),
}


def read(reading: Reading) -> Any:
    """The secrets as written, by the name of their variable; the shape has been checked."""
    for entry in reading.entries(nothing=True).values():
        keys = entry.map()
        providers = [name for name in _REQUIRED if name in keys]
        if len(providers) != 1:
            message = t("names {count} providers instead of one", count=len(providers))
            code = "exclusive-keys" if providers else "missing-key"
            entry.fail(code, message, t("give one of: {names}", names=", ".join(_REQUIRED)))
        for name in providers:
            _read_provider(keys[name])
        if "file" in keys:
            keys["file"].boolean()
        if "token" in keys:
            keys["token"].string()
        elif "gcp_secret_manager" in keys:
            entry.fail("missing-key", t("{key} is missing", key="token"), t("add {key}", key="token"))
    return reading.value


def _read_provider(reading: Reading) -> None:
    name = str(reading.key)
    if isinstance(reading.value, str) and name in _SHORT_FORM:
        reading.string()
        return
    for key, value in reading.map(_REQUIRED[name]).items():
        if key == "engine":
            for part in value.map(("name", "path")).values():
                part.string()
        elif key == "version":
            value.text_or_number()
        else:
            value.string()


_NOTE = t("read and checked; not fetched")

PART = Keyword(
    name="secrets",
    places=(Place.JOB,),
    title=t("Secrets that are fetched from a vault when the job starts"),
    read=read,
    status=Status.PARTIAL,
    note=t("no vault is asked; a variable of the same name given to the run stands in, and without one the job fails"),
    differs=(t("the provider akeyless is refused: it is in no documentation"),),
    reference="ci/yaml/#secrets",
    subkeys=(
        Subkey("*:file", Status.PARTIAL, _NOTE),
        Subkey("*:token", Status.PARTIAL, _NOTE),
        *(
            Subkey(f"*:{provider}:{key}".rstrip(":"), Status.PARTIAL, _NOTE)
            for provider, keys in _KEYS.items()
            for key in ("", *keys)
        ),
    ),
)
