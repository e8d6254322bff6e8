"""``plumb artifact`` as somebody uses it who has nothing but the artifact, a file and a key."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from tests.evidence import attested as made
from tests.evidence.attested import BYTES, DIGEST, attested, provenance, told
from tests.evidence.ledgers import KEY, OTHER
from tests.registry.build_world import Builders

from plumbline.evidence import SigningKey
from plumbline.evidence.predicates import slsa_provenance
from plumbline.evidence.public_keys import as_pem
from plumbline.evidence.rotation import write_rotation

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.evidence.artifact_file import ArtifactFile

pytestmark = pytest.mark.slow
SLSA = slsa_provenance.TYPE
NEW = SigningKey(KEY.name, bytes([9]) * 32)


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Desk:
    """A folder without any server. ``artifact`` and ``bundle`` are in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "artifact").write_bytes(BYTES)
        (folder / "partner.pem").write_text(as_pem(OTHER.verifier))
        self.bundle(made.whole())

    def bundle(self, found: ArtifactFile) -> None:
        (self.folder / "bundle").write_bytes(made.written(found))

    def run(self, *arguments: str, key: SigningKey = KEY) -> Done:
        command = [sys.executable, "-m", "plumbline", "artifact", *arguments]
        if "--data" not in arguments:
            command += ["--key", str(key.verifier)]
        environment = {"PLUMBLINE_DATA": str(self.folder / "nowhere"), "HOME": str(self.folder), "PATH": ""}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60,
                              check=False)  # fmt: skip
        assert "Traceback" not in done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def verify(self, *more: str, key: SigningKey = KEY) -> tuple[int, str, str]:
        """The exit status, the result and the code of the cause."""
        done = self.run("verify", "artifact", "--bundle", "bundle", "--json", *more, key=key)
        said = json.loads(done.out)
        return done.status, said["result"], (said["cause"] or {"code": ""})["code"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_all_is_well(desk: Desk) -> None:
    assert desk.verify() == (0, "passed", "")
    assert desk.run("verify", DIGEST, "--bundle", "bundle").status == 0
    done = desk.run("verify", "bundle")
    assert done.status == 0
    assert "not known: Its bytes: The bytes themselves were not given." in done.out
    assert f"verified: {DIGEST}" in done.out
    assert desk.run("verify", "bundle", "--language", "zh").status == 0


def test_one_changed_byte(desk: Desk) -> None:
    (desk.folder / "artifact").write_bytes(BYTES.replace(b"r", b"R", 1))

    assert desk.verify() == (1, "failed", "bytes-changed")
    done = desk.run("verify", "artifact", "--bundle", "bundle")
    assert "NOT verified" in done.out
    assert "they were changed, or are another artifact's" in done.out


def test_a_foreign_key(desk: Desk) -> None:
    desk.bundle(made.with_pieces(made.whole(), attested(provenance(OTHER)), made.ledger_piece([])))

    assert desk.verify() == (1, "no-data", "key-unknown")
    assert desk.verify("--trust", "partner=partner.pem") == (0, "passed", "")


def test_a_missing_ledger_entry(desk: Desk) -> None:
    desk.bundle(made.whole(left_out=[3]))

    assert desk.verify() == (1, "failed", "not-in-ledger")


def test_an_attestation_of_another_digest(desk: Desk) -> None:
    other = provenance(digest=made.OTHER_DIGEST)
    ledger = made.ledger_piece([told(1, other, SLSA, subject=made.OTHER_DIGEST)])
    desk.bundle(made.with_pieces(made.whole(), attested(other), ledger))

    assert desk.verify() == (1, "failed", "other-digest")


def test_a_key_used_after_its_end(desk: Desk) -> None:
    desk.bundle(made.whole(keys=[NEW], rotations=[write_rotation(KEY, NEW, 2)]))

    assert desk.verify(key=NEW) == (1, "failed", "key-retired")
    desk.bundle(made.whole(keys=[NEW], rotations=[write_rotation(KEY, NEW, 4)]))
    assert desk.verify(key=NEW) == (0, "passed", "")


def test_a_predicate_of_another_type(desk: Desk) -> None:
    wrong = made.envelope(SLSA, made.SBOM)
    desk.bundle(made.with_pieces(made.whole(), attested(wrong), made.ledger_piece([told(1, wrong, SLSA)])))

    assert desk.verify() == (1, "failed", "predicate-malformed")
    desk.bundle(made.whole())
    assert desk.verify("--predicate", "https://in-toto.io/attestation/test-result/v0.1") == (
        1,
        "failed",
        "predicate-missing",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verify", "gone"), "gone cannot be used"),
        (("verify", "artifact", "--bundle", "artifact"), "The first line is not that of a file about an artifact."),
        (("verify", "artifact", "--bundle", "bundle", "--trust", "x"), "does not read NAME=FILE"),
        (("verify", "artifact", "--bundle", "bundle", "--trust", "x=artifact"), "It is not a public key in PEM"),
        (("verify", DIGEST), "There is no store"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused_in_words(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    done = desk.run(*arguments)

    assert done.status in (2, 3)
    assert said in done.err


def test_a_bundle_without_a_key_is_not_believed(desk: Desk) -> None:
    done = desk.run("verify", "bundle", "--data", "x")

    assert (done.status, "--key KEY" in done.err) == (2, True)


def test_from_the_store_to_a_desk_without_one(tmp_path: Path, desk: Desk) -> None:
    bank: Any = Builders(tmp_path)
    with bank.server:
        claim = bank.begin()
        image = bank.push_from(claim)
        bank.end(claim)
        bank.attest()
    data = ("--data", str(tmp_path / "data"))

    assert desk.run("export", image, "-o", "taken", *data).status == 0
    key = desk.run("key", *data).out.strip()
    assert desk.run("key", "--pem", *data).out.startswith("-----BEGIN PUBLIC KEY-----")
    assert desk.run("verify", image, *data).status == 0
    done = subprocess.run([sys.executable, "-m", "plumbline", "artifact", "verify", "taken", "--key", key],
                          cwd=tmp_path, capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "says: Builder: urn:plumbline:" in done.stdout
