"""A witness (C2SP tlog-witness) as a log that was written from the specification would ask it."""

from __future__ import annotations

import msgspec
import pytest
from tests.evidence.ledgers import draft, ledger, node_of, tree_of

from plumbline.evidence import EMPTY_ROOT, SigningKey, consistency_proof
from plumbline.evidence.cosignature import cosignatures, parse_witness_key, with_cosignatures
from plumbline.evidence.notes import sign_note
from plumbline.evidence.witnessing import write_request
from plumbline.wiring.outside import witness_key

pytestmark = pytest.mark.slow

LOG = SigningKey("log.example/one", bytes([7]) * 32)
NEWER = SigningKey("log.example/one", bytes([8]) * 32)
STRANGER = SigningKey("log.example/other", bytes([9]) * 32)
ENTRIES = ledger(40)
FORK = [*ENTRIES[:20], *ledger(60)[40:]]


def b64(data):
    import base64

    return base64.b64encode(data).decode()


def note(size, *, entries=ENTRIES, keys=(LOG,), origin=None, more=""):
    root = tree_of(entries[:size]).root if size else EMPTY_ROOT
    return sign_note(f"{origin or keys[0].name}\n{size}\n{b64(root)}\n{more}", keys)


def proof(old, size, entries=ENTRIES):
    return consistency_proof(old, size, node_of(entries)) if 0 < old < size else []


@pytest.fixture
def ask(api):
    folder = api.tools.units.store.engines.path.rpartition("/")[0]
    with open(f"{folder}/checkpoints.toml", "w") as file:
        file.write(f'[[witnessed]]\nkey = "{LOG.verifier}"\n[[witnessed]]\nkey = "{NEWER.verifier}"\n')

    def asking(body):
        return api.ask("POST", "/witness/add-checkpoint", content=body)

    asking.key = witness_key(folder).verifier
    asking.api = api
    return asking


def add(ask, old, size, **more):
    return ask(write_request(old, proof(old, size, more.get("entries", ENTRIES)), note(size, **more)))


def test_what_continues_is_cosigned(ask):
    for old, size in ((0, 5), (5, 5), (5, 6), (6, 32), (32, 40)):
        answer = add(ask, old, size)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert answer.text.startswith(f"— {ask.key.name} ")
        [cosigned] = cosignatures(with_cosignatures(note(size), answer.content, [ask.key]), [ask.key])
        assert abs(cosigned.at - ask.api.tools.units.clock() // 1_000_000) < 60
    told = [event["subject"]["content"] for event in ask.api.events("checkpoint.cosigned")]
    assert [(one["before"], one["size"]) for one in told] == [(0, 5), (5, 6), (6, 32), (32, 40)]


def test_whoever_does_not_know_what_was_cosigned_is_told(ask):
    add(ask, 0, 30)
    for old, size in ((0, 40), (29, 40), (0, 30), (0, 20), (20, 25)):
        answer = add(ask, old, size)
        assert (answer.status_code, answer.text) == (409, "30\n")
        assert answer.headers["content-type"] == "text/x.tlog.size"
    assert add(ask, 30, 40).status_code == 200


def test_never_two_histories(ask):
    assert add(ask, 0, 30).status_code == 200
    other = tree_of(FORK[:30]).root
    assert other != tree_of(ENTRIES[:30]).root
    answer = add(ask, 30, 30, entries=FORK)
    assert (answer.status_code, answer.text) == (409, "30\n")
    assert add(ask, 30, 40, entries=FORK).status_code == 422
    assert ask(write_request(30, [], note(40))).status_code == 422
    assert ask(write_request(30, [*proof(30, 40), bytes(32)], note(40))).status_code == 422
    assert ask(write_request(30, proof(29, 40), note(40))).status_code == 422
    assert len(ask.api.events("checkpoint.cosigned")) == 1
    assert add(ask, 30, 40).status_code == 200


def test_the_first_one_has_no_proof(ask):
    assert ask(write_request(0, [bytes(32)], note(5))).status_code == 422
    assert ask(write_request(0, [], note(0))).status_code == 200
    assert ask(write_request(0, [], note(5))).status_code == 200


def test_only_known_ledgers_by_their_keys(ask):
    assert add(ask, 0, 5, keys=(STRANGER,)).status_code == 404
    assert add(ask, 0, 5, keys=(STRANGER,), origin=LOG.name).status_code == 403
    forged = note(5).replace(b"\n5\n", b"\n6\n")
    assert ask(write_request(0, [], forged)).status_code == 403
    assert add(ask, 0, 5, keys=(LOG, STRANGER), more="an extension\n").status_code == 200
    assert add(ask, 5, 6, keys=(NEWER,)).status_code == 200
    assert ask.api.events("checkpoint.cosigned")[-1]["subject"]["id"] == LOG.name


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"old 0\n\n", b"old 0\n" + note(5), b"old 7\n\n" + note(5), b"old 0\n\nx\n", b"old -1\n\n" + note(5),
     b"old 0\nnot base64\n\n" + note(5), b"\xff" * 100, b"old 0\n\n" + note(5).replace(b"\n5\n", b"\n05\n")],
)  # fmt: skip
def test_what_is_no_request_is_refused(ask, body):
    answer = ask(body)
    assert (answer.status_code, answer.json()["type"]) == (400, "witness-request-wrong")


def test_too_much_is_refused(ask):
    assert ask(b"x" * (65 << 10)).status_code == 413


def test_without_a_setting_nobody_is_cosigned(api):
    answer = api.ask("POST", "/witness/add-checkpoint", content=write_request(0, [], note(5)))
    assert answer.status_code == 404
    assert api.events("cosigned") == []


def test_the_key_is_of_a_witness(ask):
    assert parse_witness_key(str(ask.key)) == ask.key
    assert msgspec.structs.asdict(ask.key)["name"].endswith("/witness")


def test_checkpoints_and_where_they_are_taken(api, admin, tmp_path):
    answer = api.get("/ledger/checkpoints", token=admin)
    assert (answer.status_code, answer.json()) == (200, {"checkpoints": [], "places": [], "problem": ""})
    folder = tmp_path / "data"
    (folder / "checkpoints.toml").write_text(
        f'[[file]]\npath = "{tmp_path}/kept"\n[[http]]\nurl = "http://127.0.0.1:9/x?key=hidden"\n'
    )
    api.tools.ledger.ledger.append([draft(1)])
    attempts = api.server.deliver_checkpoints()
    assert [attempt.error is None for attempt in attempts] == [True, False]
    assert api.server.deliver_checkpoints() == []  # what failed waits
    found = api.get("/ledger/checkpoints", token=admin).json()
    [made] = found["checkpoints"]
    assert (made["cosignatures"], made["checkpoint"]["note"].encode() + b"\n") == ([], (tmp_path / "kept").read_bytes())
    file, http = found["places"]
    assert (file["kind"], file["size"], file["failures"], file["problem"]) == (
        "file",
        made["checkpoint"]["size"],
        0,
        "",
    )
    assert (http["kind"], http["size"], http["failures"]) == ("http", 0, 1)
    assert http["due"] - http["tried"] == 60_000_000
    assert "did not get to" in http["problem"]
    assert "hidden" not in str(found)
    (folder / "checkpoints.toml").write_text("every = \n")
    assert "checkpoints.toml" in api.get("/ledger/checkpoints", token=admin).json()["problem"]
