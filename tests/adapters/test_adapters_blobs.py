"""Every store of blobs: the same contract."""

from __future__ import annotations

import hashlib
import random
import time
from typing import TYPE_CHECKING

import pytest
from blob_stores import KINDS, Opened

from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plumbline.model.ports.blobs import BlobStore

BLOCK = 1 << 20
HELLO = b"hello, bank\n"
SHA256 = f"sha256:{hashlib.sha256(HELLO).hexdigest()}"
SHA512 = f"sha512:{hashlib.sha512(HELLO).hexdigest()}"
LARGE = random.Random(1).randbytes(3 * BLOCK + 17)
LARGE_DIGEST = f"sha256:{hashlib.sha256(LARGE).hexdigest()}"
NEVER = 1 << 62
BAD_DIGESTS = (
    "", "sha256", "sha256:", f"sha256:{'A' * 64}", f"sha256:{'0' * 63}", f"sha256:{'0' * 65}", f"sha512:{'0' * 64}",
    f"md5:{'0' * 32}", f"sha256:{'0' * 64}\n", f"sha256:../../{'0' * 58}", f"sha256:{'0' * 32}/{'0' * 31}",
    f"SHA256:{'0' * 64}", f"sha256:{'٠' * 64}",
)  # fmt: skip


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    return Opened(request.param, tmp_path)


@pytest.fixture
def blobs(opened: Opened) -> BlobStore:
    return opened.blobs


def code_of(error: pytest.ExceptionInfo[PlumblineError]) -> str:
    return error.value.code


def upload(blobs: BlobStore, data: bytes, digest: str) -> int:
    begun = blobs.begin()
    blobs.write(begun, 0, [data])
    return blobs.finish(begun, digest)


class TestUploads:
    @pytest.mark.parametrize("digest", [SHA256, SHA512])
    def test_there_and_back(self, blobs: BlobStore, digest: str) -> None:
        before = time.time_ns() // 1000
        assert blobs.info(digest) is None
        assert upload(blobs, HELLO, digest) == len(HELLO)
        info = blobs.info(digest)
        assert info is not None
        assert (info.digest, info.size) == (digest, len(HELLO))
        assert before - 2_000_000 <= info.stored <= time.time_ns() // 1000 + 2_000_000
        assert b"".join(blobs.read(digest)) == HELLO
        assert list(blobs.uploads()) == []

    def test_in_parts_by_several_processes(self, opened: Opened) -> None:
        upload = opened.blobs.begin()
        for at in range(0, len(LARGE), 700_001):
            blobs = opened.again()
            assert blobs.written(upload) == at
            part = LARGE[at : at + 700_001]
            assert blobs.write(upload, at, [part[:5], part[5:]]) == at + len(part)
        assert opened.again().finish(upload, LARGE_DIGEST) == len(LARGE)
        assert opened.blobs.get(LARGE_DIGEST, len(LARGE)) == LARGE

    def test_the_algorithm_may_be_known_before(self, blobs: BlobStore) -> None:
        begun = blobs.begin("sha512")
        blobs.write(begun, 0, [HELLO])
        assert blobs.finish(begun, SHA512) == len(HELLO)
        with pytest.raises(PlumblineError) as error:
            blobs.begin("md5")
        assert code_of(error) == "digest-malformed"

    @pytest.mark.parametrize("offset", [0, 11, 13, -1, NEVER])
    def test_parts_come_in_order(self, blobs: BlobStore, offset: int) -> None:
        begun = blobs.begin()
        blobs.write(begun, 0, [HELLO])
        with pytest.raises(PlumblineError) as error:
            blobs.write(begun, offset, [b"x"])
        assert code_of(error) == "offset-wrong"
        assert blobs.finish(begun, SHA256) == len(HELLO)

    def test_what_came_before_the_line_broke_stays(self, blobs: BlobStore) -> None:
        def broken() -> Iterator[bytes]:
            yield HELLO[:5]
            raise ConnectionResetError

        begun = blobs.begin()
        with pytest.raises(ConnectionResetError):
            blobs.write(begun, 0, broken())
        assert blobs.written(begun) == 5
        blobs.write(begun, 5, [HELLO[5:]])
        assert blobs.finish(begun, SHA256) == len(HELLO)

    def test_one_writer_at_a_time(self, opened: Opened) -> None:
        begun = opened.blobs.begin()
        codes = []

        def meanwhile() -> Iterator[bytes]:
            yield HELLO[:5]
            for act in (
                lambda: opened.blobs.write(begun, 5, [b"x"]),
                lambda: opened.again().write(begun, 5, [b"x"]),
                lambda: opened.again().finish(begun, SHA256),
            ):
                with pytest.raises(PlumblineError) as error:
                    act()
                codes.append(code_of(error))
            yield HELLO[5:]

        opened.blobs.write(begun, 0, meanwhile())
        assert codes == ["upload-busy"] * 3
        assert opened.blobs.finish(begun, SHA256) == len(HELLO)

    def test_a_lie_about_the_digest(self, blobs: BlobStore) -> None:
        begun = blobs.begin()
        blobs.write(begun, 0, [b"something else"])
        with pytest.raises(PlumblineError) as error:
            blobs.finish(begun, SHA256)
        assert code_of(error) == "digest-wrong"
        assert blobs.info(SHA256) is None
        assert blobs.written(begun) is None
        assert list(blobs.uploads()) == []

    @pytest.mark.parametrize("digest", BAD_DIGESTS)
    def test_a_digest_is_read_strictly(self, blobs: BlobStore, digest: str) -> None:
        begun = blobs.begin()
        blobs.write(begun, 0, [HELLO])
        for act in (
            lambda: blobs.finish(begun, digest),
            lambda: blobs.info(digest),
            lambda: blobs.touch(digest),
            lambda: blobs.read(digest),
            lambda: blobs.get(digest, 10),
            lambda: blobs.verify(digest),
            lambda: blobs.open(digest),
            lambda: blobs.remove(digest, unused_since=NEVER),
        ):
            with pytest.raises(PlumblineError) as error:
                act()
            assert code_of(error) == "digest-malformed"
        assert blobs.written(begun) is None

    @pytest.mark.parametrize("name", ["", "..", "../blobs", "a/b", "\0", "0" * 31, "0" * 33, "0" * 32, "A" * 32])
    def test_an_upload_that_is_none(self, blobs: BlobStore, name: str) -> None:
        blobs.begin()
        assert blobs.written(name) is None
        for act in (lambda: blobs.write(name, 0, [b"x"]), lambda: blobs.finish(name, SHA256)):
            with pytest.raises(PlumblineError) as error:
                act()
            assert code_of(error) == "upload-unknown"
        blobs.abandon(name)
        assert len(list(blobs.uploads())) == 1

    def test_abandoned(self, blobs: BlobStore) -> None:
        begun = blobs.begin()
        blobs.write(begun, 0, [HELLO])
        assert [name for name, _ in blobs.uploads()] == [begun]
        blobs.abandon(begun)
        assert blobs.written(begun) is None
        assert list(blobs.uploads()) == []

    def test_nothing_is_a_blob_too(self, blobs: BlobStore) -> None:
        empty = f"sha256:{hashlib.sha256().hexdigest()}"
        assert upload(blobs, b"", empty) == 0
        assert blobs.get(empty, 0) == b""
        assert blobs.verify(empty)


class TestReading:
    @pytest.fixture(autouse=True)
    def _stored(self, blobs: BlobStore) -> None:
        upload(blobs, LARGE, LARGE_DIGEST)

    @pytest.mark.parametrize(
        ("start", "end"),
        [(0, 1), (1, 2), (0, len(LARGE)), (5, None), (BLOCK - 1, BLOCK + 1), (len(LARGE) - 1, None),
         (len(LARGE), None), (len(LARGE) + 5, None), (10, NEVER), (7, 7), (9, 3)],
    )  # fmt: skip
    def test_ranges(self, blobs: BlobStore, start: int, end: int | None) -> None:
        assert b"".join(blobs.read(LARGE_DIGEST, start, end)) == LARGE[start:end]

    def test_what_is_not_there(self, blobs: BlobStore) -> None:
        for act in (lambda: blobs.read(SHA256), lambda: blobs.get(SHA256, 5), lambda: blobs.open(SHA256)):
            with pytest.raises(PlumblineError) as error:
                act()
            assert code_of(error) == "blob-missing"
        assert blobs.touch(SHA256) is None
        assert not blobs.verify(SHA256)

    def test_no_more_than_wanted_is_read_at_once(self, blobs: BlobStore) -> None:
        with pytest.raises(PlumblineError) as error:
            blobs.get(LARGE_DIGEST, len(LARGE) - 1)
        assert code_of(error) == "blob-too-large"

    def test_a_file_that_can_be_read_anywhere(self, blobs: BlobStore) -> None:
        with blobs.open(LARGE_DIGEST) as file:
            file.seek(BLOCK)
            assert file.read(5) == LARGE[BLOCK : BLOCK + 5]
            file.seek(0)
            assert file.read() == LARGE

    def test_a_reader_goes_on_while_it_is_removed(self, blobs: BlobStore) -> None:
        with blobs.open(LARGE_DIGEST) as file:
            assert blobs.remove(LARGE_DIGEST, unused_since=NEVER) == len(LARGE)
            assert file.read() == LARGE


class TestCorruption:
    """A blob that is not what its digest says is refused, reported, and healed by the same bytes once more."""

    CHANGES = (
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: data[: len(data) // 2],
        lambda data: data + b"x",
        lambda _data: b"",
    )

    @pytest.mark.parametrize("change", CHANGES)
    def test_refused_reported_healed(self, opened: Opened, change: object) -> None:
        blobs = opened.blobs
        upload(blobs, LARGE, LARGE_DIGEST)
        opened.spoil(LARGE_DIGEST, change)  # type: ignore[arg-type]
        given: list[bytes] = []
        with pytest.raises(PlumblineError) as error:
            given.extend(blobs.read(LARGE_DIGEST))
        assert code_of(error) == "blob-corrupt"
        assert len(b"".join(given)) < len(LARGE), "the last block is handed out only when all of it is right"
        assert opened.told == [LARGE_DIGEST]
        assert blobs.info(LARGE_DIGEST) is None
        assert not blobs.verify(LARGE_DIGEST)
        assert LARGE_DIGEST not in [one.digest for one in blobs.all()]
        upload(blobs, LARGE, LARGE_DIGEST)
        assert blobs.get(LARGE_DIGEST, len(LARGE)) == LARGE
        assert opened.told == [LARGE_DIGEST]

    def test_found_by_looking(self, opened: Opened) -> None:
        digest = opened.blobs.put(HELLO)
        assert opened.blobs.verify(digest)
        opened.spoil(digest, lambda data: data.upper())
        assert not opened.blobs.verify(digest)
        assert opened.told == [digest]

    def test_healed_before_anybody_noticed(self, opened: Opened) -> None:
        digest = opened.blobs.put(HELLO)
        opened.spoil(digest, lambda data: data.upper())
        opened.blobs.put(HELLO)
        assert opened.blobs.get(digest, 100) == HELLO
        assert opened.told == []

    @pytest.mark.parametrize("way", ["get", "open"])
    def test_every_way_to_read_all_of_it(self, opened: Opened, way: str) -> None:
        digest = opened.blobs.put(HELLO)
        opened.spoil(digest, lambda data: data.upper())
        with pytest.raises(PlumblineError) as error:
            opened.blobs.get(digest, 100) if way == "get" else opened.blobs.open(digest)
        assert code_of(error) == "blob-corrupt"


class TestFiles:
    def test_taken(self, blobs: BlobStore, tmp_path: Path) -> None:
        file = tmp_path / "a file"
        file.write_bytes(LARGE)
        info = blobs.take(str(file))
        assert (info.digest, info.size) == (LARGE_DIGEST, len(LARGE))
        assert blobs.take(str(file), LARGE_DIGEST).digest == LARGE_DIGEST
        file.unlink()
        assert blobs.get(LARGE_DIGEST, len(LARGE)) == LARGE
        assert list(blobs.uploads()) == []

    def test_not_what_it_should_be(self, blobs: BlobStore, tmp_path: Path) -> None:
        file = tmp_path / "a file"
        file.write_bytes(LARGE)
        with pytest.raises(PlumblineError) as error:
            blobs.take(str(file), SHA256)
        assert code_of(error) == "digest-wrong"
        assert list(blobs.all()) == []

    @pytest.mark.parametrize("kind", ["nothing", "link", "folder", "pipe"])
    def test_only_a_file(self, blobs: BlobStore, tmp_path: Path, kind: str) -> None:
        import os

        path = tmp_path / "it"
        (tmp_path / "target").write_bytes(HELLO)
        if kind == "link":
            path.symlink_to(tmp_path / "target")
        elif kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        with pytest.raises(PlumblineError) as error:
            blobs.take(str(path))
        assert code_of(error) == "storage-failed"
        assert blobs.adopt(str(path), SHA256) is None
        assert list(blobs.all()) == []

    def test_adopted_without_reading_and_verified_when_read(self, opened: Opened, tmp_path: Path) -> None:
        blobs = opened.blobs
        good, bad = tmp_path / "good", tmp_path / "bad"
        good.write_bytes(HELLO)
        bad.write_bytes(b"something else")
        info = blobs.adopt(str(bad), SHA256)
        if info is not None:  # without reading it, nobody can know
            with pytest.raises(PlumblineError) as error:
                blobs.get(SHA256, 100)
            assert code_of(error) == "blob-corrupt"
        assert blobs.info(SHA256) is None
        assert blobs.adopt(str(good), SHA256) is not None
        assert blobs.adopt(str(bad), SHA256) is not None, "what is there is not replaced"
        assert blobs.get(SHA256, 100) == HELLO


class TestRemoving:
    def test_what_was_stored_before(self, blobs: BlobStore) -> None:
        digest = blobs.put(HELLO)
        info = blobs.info(digest)
        assert info is not None
        assert blobs.remove(digest, unused_since=info.stored - 5_000_000) == 0
        assert blobs.get(digest, 100) == HELLO
        assert blobs.remove(digest, unused_since=NEVER) == len(HELLO)
        assert blobs.info(digest) is None
        assert blobs.remove(digest, unused_since=NEVER) == 0

    @pytest.mark.parametrize("again", ["touch", "put", "upload"])
    def test_not_what_was_taken_up_again(self, blobs: BlobStore, again: str) -> None:
        digest = blobs.put(HELLO)
        before = time.time_ns() // 1000
        time.sleep(1.1)  # some stores know seconds only
        {"touch": lambda: blobs.touch(digest), "put": lambda: blobs.put(HELLO),
         "upload": lambda: upload(blobs, HELLO, digest)}[again]()  # fmt: skip
        assert blobs.remove(digest, unused_since=before) == 0
        assert blobs.get(digest, 100) == HELLO

    def test_all(self, blobs: BlobStore) -> None:
        assert list(blobs.all()) == []
        blobs.begin()
        digests = {blobs.put(bytes([one])) for one in range(5)} | {blobs.put(HELLO, "sha512")}
        assert {one.digest for one in blobs.all()} == digests
        assert sum(one.size for one in blobs.all()) == 5 + len(HELLO)
