"""The network of a job with services, and where on it each of them will be."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from plumbline.adapters.containers.engine import LABEL
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from plumbline.adapters.containers.engine import Engine

_MOST = 120  # addresses that are given away by us


class Network:
    """A bridge of the job's own. ``outside`` False: it leads nowhere else.

    Podman is told the address of each container, so that all of them know all names from the beginning; docker keeps
    the names itself.
    """

    def __init__(self, engine: Engine, marker: str, *, outside: bool) -> None:
        self._engine, self.name = engine, f"plumbline-{marker}"
        self._free: list[str] = []
        internal = [] if outside else ["--internal"]
        labels = ("--label", f"{LABEL}={marker}")
        answer = engine.ask("network", "create", *labels, *internal, "--", self.name, timeout=30.0)
        if answer.status:
            self.remove()
            raise PlumblineError("service-failed", t("a network for services cannot be made: {reason}",
                                                     reason=answer.words))  # fmt: skip
        if engine.name == "podman":
            self._free = _addresses(engine.ask("network", "inspect", "--", self.name).value())

    def address(self) -> str:
        """One for a container to come; empty where the engine gives it one."""
        return self._free.pop() if self._free else ""

    def address_of(self, container: str) -> str:
        """Of a container that runs; empty where nobody knows."""
        form = "{{json .NetworkSettings.Networks}}"
        networks = self._engine.ask("container", "inspect", "--format", form, "--", container).value()
        own = networks.get(self.name) if isinstance(networks, dict) else None
        address = own.get("IPAddress") if isinstance(own, dict) else None
        return address if isinstance(address, str) else ""

    def remove(self) -> None:
        self._engine.ask("network", "rm", "--", self.name)


def _addresses(found: Any) -> list[str]:
    """The upper half of a network of version 4, the highest last: engines give away the lower ones first."""
    try:
        network = ipaddress.IPv4Network(found[0]["subnets"][0]["subnet"])
    except (LookupError, TypeError, ValueError):
        return []
    last = int(network.broadcast_address)
    first = max(last - _MOST, last - network.num_addresses // 2)
    return [str(ipaddress.IPv4Address(number)) for number in range(first, last)]
