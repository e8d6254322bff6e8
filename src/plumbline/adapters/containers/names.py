"""Names of images: what a client may be handed at all, and what the owner of a machine allows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.pipeline import GlobError, doublestar, runner_expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST = 1024  # characters
_WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@+\-]*")
# Podman reads an image from a file or folder of the machine where a name begins with one of these.
_TRANSPORT = re.compile(
    r"(containers-storage|dir|docker|docker-archive|docker-daemon|oci|oci-archive|ostree|sif|tarball):.*", re.IGNORECASE
)
_TAG_OR_PORT = re.compile(r":[^/]*")


def image_name(written: str, values: Mapping[str, str]) -> str:
    """The name with its variables expanded. Raises PlumblineError ``image-name-wrong`` before any client sees it."""
    name = runner_expand(written, values)
    if not name:
        raise _wrong(written, t("It is empty once its variables are filled in."))
    if name.startswith("-"):
        raise _wrong(name, t("It begins as an option does."))
    if len(name) > _LONGEST or not _WORDS.fullmatch(name):
        raise _wrong(name, t("It holds what no name of an image may hold, such as a blank."))
    if _TRANSPORT.fullmatch(name):
        raise _wrong(name, t("It names a place on this machine and no registry."))
    return name


def check_allowed(name: str, allowed: Iterable[str]) -> None:
    """Raises PlumblineError ``image-not-allowed`` for a name that matches none of the patterns, if there are any.

    A name without a tag is the one with ``latest``. As in GitLab Runner ``*`` ends at a slash, and ``**`` does not.
    """
    patterns = tuple(allowed)
    last = name.rpartition("/")[2]
    names = (name,) if ":" in last or "@" in last else (name, f"{name}:latest")
    if patterns and not any(_matches(pattern, each) for pattern in patterns for each in names):
        raise PlumblineError(
            "image-not-allowed",
            t(
                "jobs may not use the image {image} here; allowed are: {allowed}",
                image=name,
                allowed=", ".join(patterns),
            ),
            t("The setting ci.container_images says which images jobs may use."),
            kind=ErrorKind.REFUSED,
        )


def registry_of(name: str) -> str:
    """The host (and port) that an image comes from: ``docker.io`` where the name has none."""
    first, slash, _ = name.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else "docker.io"


def aliases_of(image: str) -> tuple[str, ...]:
    """The host names that GitLab gives a service: ``tutum/wordpress:1`` is ``tutum__wordpress`` and
    ``tutum-wordpress``."""
    path = _TAG_OR_PORT.sub("", image.partition("@")[0])
    return tuple(dict.fromkeys((path.replace("/", "__"), path.replace("/", "-"))))


def _matches(pattern: str, name: str) -> bool:
    try:
        return doublestar(pattern, below=False)(name)
    except GlobError:
        return False


def _wrong(name: str, why: object) -> PlumblineError:
    return PlumblineError(
        "image-name-wrong",
        t("the image name '{name}' cannot be used: {reason}", name=name[:200], reason=str(why)),
        kind=ErrorKind.CONFIGURATION,
    )
