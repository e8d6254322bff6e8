"""Mutated lock files, manifests and envelopes: ``python -m tests.fuzz.made --count N --seed N``.

Nothing may raise but the refusal that is said to be raised, nothing may hang or grow, and what comes out of a lock file
can be written down as a bill of materials.
"""

from __future__ import annotations

import argparse
import base64
import json
import multiprocessing
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from tests.fuzz.report_mutator import ReportMutator

from plumbline.artifacts.manifests import FORMS, OCI_ARTIFACT, OCI_IMAGE, OCI_INDEX, read_manifest
from plumbline.artifacts.sbom.bill import make_bill
from plumbline.artifacts.sbom.cyclonedx import write_cyclonedx
from plumbline.evidence.cosign_signature import read_signature
from plumbline.evidence.dsse import read_envelope
from plumbline.evidence.sigstore_bundle import read_bundle
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_SECONDS = 5.0  # of processor time for one file
MOST_MEMORY = 2 << 30
AT_ONCE = 2_000
LOCKS = Path(__file__).parents[1] / "cases/artifacts/locks"
REFUSALS = {"manifest-invalid", "not-an-envelope"}


class Finding(NamedTuple):
    number: int
    what: str
    trace: str = ""


class Hang(BaseException):  # nothing may swallow it
    """The file took more than its time."""


def lock_seeds() -> list[tuple[str, bytes]]:
    """The files of all cases, with their names."""
    cases = [case for path in sorted(LOCKS.glob("*.yml")) for case in yaml.safe_load(path.read_text())]
    return [(name, text.encode()) for case in cases for name, text in case["files"].items()]


def manifest_seeds() -> list[bytes]:
    part = {"mediaType": "application/octet-stream", "digest": f"sha256:{'0' * 64}", "size": 2}
    about = {"annotations": {"a": "b"}, "subject": {**part, "mediaType": OCI_IMAGE}, "artifactType": "text/x"}
    made: list[dict[str, Any]] = [
        {"mediaType": OCI_IMAGE, "config": part, "layers": [part, {**part, "urls": ["https://x.example/"]}], **about},
        {"mediaType": OCI_INDEX, "manifests": [{**part, "mediaType": OCI_IMAGE, "platform": {"os": "linux"}}], **about},
        {"mediaType": OCI_ARTIFACT, "blobs": [part], **about},
    ]
    return [json.dumps({"schemaVersion": 2, **one}).encode() for one in made]


def envelope_seeds() -> list[bytes]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "a", "digest": {"sha256": "0" * 64}}],
        "predicateType": "https://slsa.dev/provenance/v1", "predicate": {"buildDefinition": {}, "runDetails": {}},
    }  # fmt: skip
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    envelope = {"payload": payload, "payloadType": "application/vnd.in-toto+json",
                "signatures": [{"keyid": "k", "sig": "AAAA"}]}  # fmt: skip
    bundle = {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": envelope,
              "verificationMaterial": {}}  # fmt: skip
    simple = {"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json", "payload": "AAAA", "signature": "AAAA"}
    return [json.dumps(one).encode() for one in (envelope, bundle, simple)]


class Judge:
    def __init__(self, seed: int) -> None:
        locks = lock_seeds()
        self._names = [name for name, _ in locks]
        self._made: dict[str, ReportMutator] = {
            "lock file": ReportMutator(seed, [data for _, data in locks]),
            "manifest": ReportMutator(seed, manifest_seeds()),
            "envelope": ReportMutator(seed, envelope_seeds()),
        }
        self._reads: dict[str, Callable[[bytes, Random], None]] = {
            "lock file": self._lock, "manifest": _manifest, "envelope": _envelope,
        }  # fmt: skip
        self.outcomes: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self.slowest = (0.0, 0)

    def make(self, number: int) -> tuple[str, bytes]:
        """Half of all are lock files; the first ones of each are the good ones."""
        what = ("lock file", "manifest", "lock file", "envelope")[number % 4]
        return what, self._made[what].make(number // 2 if what == "lock file" else number // 4)

    def run(self, numbers: range) -> None:
        for number in numbers:
            what, data = self.make(number)
            begun = time.process_time()
            try:
                self._reads[what](data, Random(number))
                self.outcomes[f"{what}: read"] += 1
            except PlumblineError as error:
                self.outcomes[f"{what}: {error.code}"] += 1
                str(error.message)
                if error.code not in REFUSALS:
                    self.findings.append(Finding(number, f"{what}: refused as {error.code}"))
            except (Exception, Hang) as error:  # noqa: BLE001 - that is what is looked for
                self.findings.append(Finding(number, f"{what}: {type(error).__name__}", traceback.format_exc()))
            self.slowest = max(self.slowest, (time.process_time() - begun, number))

    def _lock(self, data: bytes, random: Random) -> None:
        """Under its own name at first, and then under any."""
        seeds = self._made["lock file"].seeds
        name = self._names[seeds.index(data)] if data in seeds else random.choice(self._names)
        bill = make_bill({name: data})
        for defect in bill.defects:
            str(defect.message)
        written = write_cyclonedx(bill, tool_version="1")
        if b"\\u0000" in written:
            raise ValueError("a text holds NUL")


def _manifest(data: bytes, random: Random) -> None:
    read_manifest(data, random.choice(("", "", "", *FORMS, "text/plain", "application/json; charset=utf-8")))


def _envelope(data: bytes, _random: Random) -> None:
    refused = []
    for read in (read_envelope, read_bundle, read_signature):
        try:
            read(data)
        except PlumblineError as error:
            refused.append(error)
    if len(refused) > 1:
        raise refused[0]


def _share(given: tuple[int, range]) -> tuple[Counter[str], list[Finding], tuple[float, int], int]:
    """A worker: some files under a limit of memory and of time for each."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.signal(signal.SIGPROF, _stop)
    seed, numbers = given
    judge = Judge(seed)
    for number in numbers:
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        judge.run(range(number, number + 1))
        signal.setitimer(signal.ITIMER_PROF, 0)
    return judge.outcomes, judge.findings, judge.slowest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _stop(_signal: int, _frame: object) -> None:
    raise Hang


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.made", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=5_000, help="how many files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", type=int, metavar="NUMBER", help="show and read this one")
    given = parser.parse_args()
    judge = Judge(given.seed)
    if given.only is not None:
        sys.stdout.buffer.write(judge.make(given.only)[1] + b"\n")
        judge.run(range(given.only, given.only + 1))
        print(judge.outcomes, *judge.findings, sep="\n")
        return 1 if judge.findings else 0
    begun, memory = time.monotonic(), 0
    shares = [(given.seed, range(at, min(at + AT_ONCE, given.count))) for at in range(0, given.count, AT_ONCE)]
    with multiprocessing.get_context("spawn").Pool(given.workers, maxtasksperchild=10) as pool:
        for outcomes, findings, slowest, peak in pool.imap_unordered(_share, shares):
            judge.outcomes += outcomes
            judge.findings += findings
            judge.slowest, memory = max(judge.slowest, slowest), max(memory, peak)
    print(f"files     {given.count:,} in {time.monotonic() - begun:.0f} s")
    for name, count in sorted(judge.outcomes.items()):
        print(f"          {count:>8,}  {name}")
    print(f"slowest   {judge.slowest[0]:.3f} s of processor time (file {judge.slowest[1]})")
    print(f"memory    {memory / 1024:.0f} MB at most in one process")
    print(f"findings  {len(judge.findings)}")
    for one in judge.findings[:20]:
        print(f"\nfile {one.number}: {one.what}\n{one.trace[-1500:]}")
    return 1 if judge.findings else 0


if __name__ == "__main__":
    sys.exit(main())
