"""How long a bill of materials of 1,500 packages takes, from the bytes of a lock file to those of CycloneDX."""

from __future__ import annotations

import base64
import json
import time
from hashlib import sha512
from typing import TYPE_CHECKING

from bench.measure import Figure, within
from plumbline.artifacts.sbom.bill import make_bill
from plumbline.artifacts.sbom.cyclonedx import write_cyclonedx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGES, NEEDS, FILES, ROUNDS, MOST = 1500, 4, 10, 5, 0.3


def of_lock_files(_scratch: Path) -> Iterator[Figure]:
    for name, text in LOCK_FILES.items():
        data = text().encode()
        yield within(f"SBOM of {name}", "s", min(_once(name, data) for _ in range(ROUNDS)), MOST,
                     f"{PACKAGES} packages, {len(data) // 1024} KiB")  # fmt: skip


def _once(name: str, data: bytes) -> float:
    began = time.perf_counter()
    bill = make_bill({name: data})
    write_cyclonedx(bill, tool_version="0")
    took = time.perf_counter() - began
    assert len(bill.components.components) == PACKAGES
    return took


def _needs(number: int) -> list[int]:
    return [(number * 7 + step) % PACKAGES for step in range(NEEDS)]


def _integrity(number: int) -> str:
    return "sha512-" + base64.b64encode(sha512(str(number).encode()).digest()).decode()


def _npm() -> str:
    packages = {
        f"node_modules/p{one}": {
            "version": f"1.{one}.0",
            "resolved": f"https://registry.example/p{one}/-/p{one}.tgz",
            "integrity": _integrity(one),
            "dependencies": {f"p{need}": "^1" for need in _needs(one)},
        }
        for one in range(PACKAGES)
    }
    return json.dumps({"lockfileVersion": 3, "packages": packages}, indent=2)


def _pnpm() -> str:
    packages = "".join(
        f"  p{one}@1.{one}.0:\n    resolution: {{integrity: {_integrity(one)}}}\n\n" for one in range(PACKAGES)
    )
    snapshots = "".join(
        f"  p{one}@1.{one}.0:\n    dependencies:\n" + "".join(f"      p{need}: 1.{need}.0\n" for need in _needs(one))
        for one in range(PACKAGES)
    )
    return f"lockfileVersion: '9.0'\n\npackages:\n\n{packages}snapshots:\n\n{snapshots}"


def _yarn() -> str:
    return "# yarn lockfile v1\n\n" + "".join(
        f'p{one}@^1:\n  version "1.{one}.0"\n  integrity {_integrity(one)}\n  dependencies:\n'
        + "".join(f'    p{need} "^1"\n' for need in _needs(one))
        for one in range(PACKAGES)
    )


def _uv() -> str:
    return "version = 1\n" + "".join(
        f'\n[[package]]\nname = "p{one}"\nversion = "1.{one}"\nsource = {{ registry = "https://e/simple" }}\n'
        "dependencies = [\n" + "".join(f'    {{ name = "p{need}" }},\n' for need in _needs(one)) + "]\nwheels = [\n"
        + "".join(
            f'    {{ url = "https://e/p{one}-{file}.whl", hash = "sha256:{one * 100 + file:064x}", size = {one} }},\n'
            for file in range(FILES)
        )
        + "]\n"
        for one in range(PACKAGES)
    )  # fmt: skip


def _poetry() -> str:
    return "".join(
        f'[[package]]\nname = "p{one}"\nversion = "1.{one}"\noptional = false\ngroups = ["main"]\nfiles = [\n'
        + "".join(
            f'    {{file = "p{one}-{file}.whl", hash = "sha256:{one * 100 + file:064x}"}},\n' for file in range(FILES)
        )
        + "]\n\n[package.dependencies]\n" + "".join(f'p{need} = ">=1,<2"\n' for need in _needs(one)) + "\n"
        for one in range(PACKAGES)
    )  # fmt: skip


def _cargo() -> str:
    return "version = 3\n" + "".join(
        f'\n[[package]]\nname = "p{one}"\nversion = "1.{one}.0"\nsource = "registry+https://e"\n'
        f'checksum = "{one:064x}"\ndependencies = [\n' + "".join(f' "p{need}",\n' for need in _needs(one)) + "]\n"
        for one in range(PACKAGES)
    )


def _requirements() -> str:
    return "".join(
        f"p{one}==1.{one} \\\n    --hash=sha256:{one:064x} \\\n    --hash=sha256:{one + 9:064x}\n"
        for one in range(PACKAGES)
    )


def _go() -> str:
    lines = "".join(f"\texample.org/m{one} v1.{one}.0\n" for one in range(PACKAGES))
    return f"module example.org/shop\n\ngo 1.22\n\nrequire (\n{lines})\n"


LOCK_FILES = {
    "package-lock.json": _npm,
    "pnpm-lock.yaml": _pnpm,
    "yarn.lock": _yarn,
    "uv.lock": _uv,
    "poetry.lock": _poetry,
    "Cargo.lock": _cargo,
    "requirements.txt": _requirements,
    "go.mod": _go,
}
