"""``release``."""

from __future__ import annotations

import re
from datetime import datetime

from plumbline.kernel import t
from plumbline.model.pipeline import Release, ReleaseLink
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_NO_REF = re.compile(r"[\s~^:?*\[\\\x00-\x1f\x7f]|\.\.|//|@\{|/\.")  # what git allows in no name
_LINK_TYPES = ("other", "runbook", "package", "image")


def read(reading: Reading) -> Release:
    """The release; its texts may hold variables."""
    keys = reading.map(("tag_name", "description"))

    def text(name: str, *, empty: bool = True) -> str:
        return keys[name].string(empty=empty) if name in keys else ""

    return Release(
        tag_name=text("tag_name", empty=False),
        description=text("description", empty=False),
        tag_message=text("tag_message"),
        name=text("name"),
        ref=_read_ref(keys["ref"]) if "ref" in keys else "",
        milestones=keys["milestones"].strings(empty=True) if "milestones" in keys else (),
        released_at=_read_time(keys["released_at"]) if "released_at" in keys else "",
        links=_read_links(keys["assets"]) if "assets" in keys else (),
    )


def _read_time(reading: Reading) -> str:
    text = reading.string(empty=True)
    if text:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            message = t("{value} is not a time", value=text)
            reading.fail("invalid-value", message, t("write it as 2026-01-31T12:00:00Z"))
    return text


def _read_ref(reading: Reading) -> str:
    name = reading.string(empty=True)
    if name and (_NO_REF.search(name) or name.startswith(("-", "/")) or name.endswith(("/", ".", ".lock"))):
        reading.fail("invalid-name", t("{name} cannot be the name of a branch or tag", name=repr(name)))
    return name


def _read_links(reading: Reading) -> tuple[ReleaseLink, ...]:
    keys = reading.map(("links",))
    return tuple(_read_link(link) for link in keys["links"].items(lowest=1)) if "links" in keys else ()


def _read_link(reading: Reading) -> ReleaseLink:
    keys = reading.map(("name", "url"))
    return ReleaseLink(
        name=keys["name"].string() if "name" in keys else "",
        url=keys["url"].string() if "url" in keys else "",
        filepath=keys["filepath"].string() if "filepath" in keys else "",
        link_type=keys["link_type"].one_of(_LINK_TYPES) if "link_type" in keys else "other",
    )


_NOTE = t("read and checked")

PART = Keyword(
    name="release",
    places=(Place.JOB,),
    title=t("A release that is made when the job has succeeded"),
    read=read,
    status=Status.INERT,
    note=t("read and checked; a local run makes no tag and no release"),
    reference="ci/yaml/#release",
    subkeys=tuple(
        Subkey(path, Status.INERT, _NOTE)
        for path in (
            "tag_name",
            "tag_message",
            "name",
            "description",
            "ref",
            "milestones",
            "released_at",
            "assets",
            "assets:links",
            "assets:links:name",
            "assets:links:url",
            "assets:links:filepath",
            "assets:links:link_type",
        )
    ),
    differs=(
        t("a name that is no text is refused"),
        t("a link without name or url, with another key or of another type is refused: no release could have it"),
    ),
)
