"""What ``image`` and the entries of ``services`` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.pipeline.keyword import Status, Subkey

if TYPE_CHECKING:
    from plumbline.pipeline.reading import Reading

POLICIES = ("always", "if-not-present", "never")


def subkeys() -> tuple[Subkey, ...]:
    """Name, entrypoint, pull policy and the options of the executors."""
    kubernetes = t("read and checked; Plumbline runs no jobs in Kubernetes")
    return (
        Subkey("name"),
        Subkey("entrypoint"),
        Subkey("pull_policy"),
        Subkey("docker"),
        Subkey("docker:platform"),
        Subkey("docker:user"),
        Subkey("kubernetes", Status.INERT, kubernetes),
        Subkey("kubernetes:user", Status.INERT, kubernetes),
    )


def read_name(reading: Reading) -> str:
    """The name of an image: no empty text, no white space around it."""
    name = reading.string()
    if name != name.strip():
        reading.fail("invalid-value", t("{name} has white space around it", name=repr(name)))
    return name


def read_pull_policy(keys: dict[str, Reading]) -> tuple[str, ...]:
    """One policy or several, in the order in which they are tried."""
    if "pull_policy" not in keys:
        return ()
    return keys["pull_policy"].strings(lowest=1, check=lambda item: item.one_of(POLICIES))


def read_entrypoint(keys: dict[str, Reading]) -> tuple[str, ...] | None:
    """The words of the entry point; None where it is not given."""
    return keys["entrypoint"].strings(single=False) if "entrypoint" in keys else None


def read_options(keys: dict[str, Reading]) -> tuple[str, str]:
    """User and platform from the options for Docker; those for Kubernetes are only checked."""
    user = platform = ""
    if "docker" in keys:
        docker = keys["docker"].map()
        user = docker["user"].string(maximum=255) if "user" in docker else ""
        platform = docker["platform"].string(maximum=64) if "platform" in docker else ""
    if "kubernetes" in keys:
        kubernetes = keys["kubernetes"].map()
        if "user" in kubernetes and type(kubernetes["user"].value) is not int:
            kubernetes["user"].string(maximum=255)
    return user, platform
