"""Packs from files, with overlays, and what is kept by its digest."""

from __future__ import annotations

import os

import pytest
from tests.maturity.small_pack import TEXT, small

from plumbline.adapters.packs import DEFAULT, KeptFiles, KeptPacks, load_pack, shipped
from plumbline.kernel import PlumblineError
from plumbline.maturity import PackFile, canonical

OVERLAY = "format: 1\noverlay: {id: acme, version: '1', of: %s}\ndefaults: {min_sample: 7}\n"


def code_of(call, *arguments):
    with pytest.raises(PlumblineError) as caught:
        call(*arguments)
    assert caught.value.hint is not None
    return caught.value.code


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_is_shipped():
    assert shipped()[0] == DEFAULT
    assert len(shipped()) == len(set(shipped())) == 12
    assert load_pack("collaboration") is load_pack("collaboration")


def test_a_pack_from_a_file_in_either_form(tmp_path):
    yaml = load_pack(written(tmp_path / "own.yaml", TEXT))
    json = load_pack(written(tmp_path / "own.json", canonical(small().pack).decode()))
    assert yaml.digest == json.digest == small().digest


def test_overlays_are_laid_over_shipped_and_own_packs(tmp_path):
    over = written(tmp_path / "over.yaml", OVERLAY % "collaboration")
    found = load_pack("collaboration", (over,))
    assert found.pack.defaults.min_sample == 7
    assert load_pack("collaboration").pack.defaults.min_sample == 5
    own = load_pack(written(tmp_path / "own.yml", TEXT), (written(tmp_path / "o.yaml", OVERLAY % "lighthouse"),))
    assert (own.pack.id, own.pack.overlays) == ("lighthouse", ("acme 1",))
    assert code_of(load_pack, "business-value", (over,)) == "pack-wrong"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("no.yaml", None, "file-unusable"),
        ("bad.yaml", "id: [", "pack-wrong"),
        ("bad.json", "{", "pack-wrong"),
        ("bad.json", '{"format": 1}', "pack-wrong"),
        ("bad.json", canonical(small().pack).decode().replace('"probe":"count"', '"probe":"guess"'), "pack-wrong"),
        ("pack.txt", TEXT, "no-such-pack"),
    ],
)
def test_what_is_no_pack_is_refused(tmp_path, name, text, code):
    path = tmp_path / name
    assert code_of(load_pack, written(path, text) if text else str(path)) == code


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "own.yaml").write_bytes(b"\xff\xfe")
    assert code_of(load_pack, str(tmp_path / "own.yaml")) == "file-unusable"
    assert code_of(load_pack, str(tmp_path)) == "no-such-pack"


def test_files_are_kept_by_what_is_in_them(tmp_path):
    kept = KeptFiles(str(tmp_path / "documents"))
    assert kept.get("sha256:" + "0" * 64) is None
    digest = kept.keep("规则".encode())
    assert kept.keep("规则".encode()) == digest
    assert kept.get(digest) == "规则".encode()
    path = tmp_path / "documents" / digest.removeprefix("sha256:")
    assert os.stat(path).st_mode & 0o077 == 0
    path.write_bytes(b"other")
    assert kept.get(digest) is None
    for odd in ("", "sha256:", "../../etc/passwd", "sha256:" + "." * 64, "a" * 63):
        assert kept.get(odd) is None


def test_packs_are_kept_by_their_digest(tmp_path):
    kept = KeptPacks(str(tmp_path / "packs"))
    kept.keep(small())
    found = kept.get(small().digest)
    assert found is not None
    assert (found.pack, found.digest) == (small().pack, small().digest)
    assert kept.get("sha256:" + "1" * 64) is None
    other = PackFile(load_pack(written(tmp_path / "own.yaml", TEXT.replace("value: 90", "value: 91"))).pack)
    assert kept.get(other.digest) is None
    kept.keep(other)
    assert kept.get(other.digest).pack.id == "lighthouse"
    assert kept.get(other.digest).digest != small().digest
