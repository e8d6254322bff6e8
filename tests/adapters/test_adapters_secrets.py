"""Real hashes, real ciphers, real key files."""

from __future__ import annotations

import os
import stat
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.adapters.secrets import Argon2Passwords, KeyVault, add_key, create_keys, drop_old_keys, read_keys
from plumbline.kernel import PlumblineError

CHEAP = {"memory_kib": 64, "passes": 1}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "sealing.key"


@pytest.fixture
def vault(path):
    return KeyVault(path, create=True)


def code(caught):
    return caught.value.code


class TestPasswords:
    def test_a_password_is_known_again_and_no_other(self):
        passwords = Argon2Passwords(**CHEAP)
        hashed = passwords.hash("correct horse 电池")
        assert hashed.startswith("$argon2id$")
        assert "horse" not in hashed
        assert passwords.verify(hashed, "correct horse 电池")
        assert not passwords.verify(hashed, "correct horse 电磁")
        assert not passwords.verify(hashed, "")
        assert passwords.hash("correct horse 电池") != hashed  # salted

    def test_nobody_has_no_password_that_fits(self):
        assert not Argon2Passwords(**CHEAP).verify(None, "")

    @pytest.mark.parametrize("hashed", ["", "x", "$argon2id$v=19$m=64,t=1,p=1$", "\u5bc6"])
    def test_what_is_not_a_hash_fits_nothing(self, hashed):
        assert not Argon2Passwords(**CHEAP).verify(hashed, "anything")

    def test_an_unknown_person_takes_as_long_as_a_known_one(self):
        passwords = Argon2Passwords()
        hashed = passwords.hash("something long")
        passwords.verify(None, "warm")

        def seconds(against):
            begun = time.perf_counter()
            passwords.verify(against, "wrong")
            return time.perf_counter() - begun

        known = min(seconds(hashed) for _ in range(3))
        unknown = min(seconds(None) for _ in range(3))
        assert 0.5 < unknown / known < 2

    def test_hashes_made_with_less_are_outdated(self):
        assert Argon2Passwords(memory_kib=128, passes=1).outdated(Argon2Passwords(**CHEAP).hash("x"))
        assert not Argon2Passwords(**CHEAP).outdated(Argon2Passwords(**CHEAP).hash("x"))

    def test_no_more_than_so_many_at_once(self, monkeypatch):
        passwords = Argon2Passwords(**CHEAP, at_once=2)
        now, most, lock = [0], [0], threading.Lock()

        class Slow:
            def hash(self, password):
                with lock:
                    now[0] += 1
                    most[0] = max(most[0], now[0])
                time.sleep(0.02)
                with lock:
                    now[0] -= 1
                return "hash"

        passwords._hasher = Slow()
        threads = [threading.Thread(target=passwords.hash, args=("x",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most[0] == 2

    def test_a_crowd_is_turned_away(self, monkeypatch):
        passwords = Argon2Passwords(**CHEAP, at_once=1)
        monkeypatch.setattr("plumbline.adapters.secrets.passwords.PATIENCE", 0.01)
        passwords._turns.acquire()
        with pytest.raises(PlumblineError) as caught:
            passwords.hash("x")
        assert code(caught) == "busy"
        passwords._turns.release()
        assert passwords.hash("x")  # the place in the queue was given back


class TestVault:
    @pytest.mark.slow
    @given(st.binary(max_size=300), st.text(max_size=40))
    def test_what_is_sealed_opens_at_its_place_alone(self, tmp_path_factory, plain, place):
        vault = KeyVault(tmp_path_factory.getbasetemp() / "property.key", create=True)
        sealed = vault.seal(plain, place)
        assert vault.open(sealed, place) == plain
        with pytest.raises(PlumblineError) as caught:
            vault.open(sealed, place + "x")
        assert code(caught) == "sealed-value-damaged"

    def test_the_same_value_is_never_sealed_alike(self, vault):
        assert len({vault.seal(b"secret", "here") for _ in range(50)}) == 50
        assert b"secret" not in vault.seal(b"secret", "here")

    def test_every_changed_byte_is_noticed(self, vault):
        sealed = vault.seal(b"secret", "here")
        for at in range(len(sealed)):
            wrong = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
            with pytest.raises(PlumblineError) as caught:
                vault.open(wrong, "here")
            assert code(caught) == ("unknown-key" if 1 <= at < 5 else "sealed-value-damaged")
        for short in (b"", sealed[:4], sealed[:-1]):
            with pytest.raises(PlumblineError):
                vault.open(short, "here")

    def test_the_newest_key_seals_and_every_key_opens(self, vault, path):
        old = vault.seal(b"one", "here")
        add_key(path)
        assert vault.is_current(old)  # this process has not looked yet
        other = KeyVault(path)
        new = other.seal(b"two", "here")
        assert not other.is_current(old)
        assert other.is_current(new)
        assert other.open(old, "here") == b"one"
        assert vault.open(new, "here") == b"two"  # a key that another process added is found
        assert vault.is_current(new)

    def test_after_old_keys_were_dropped_what_they_sealed_names_the_key(self, vault, path):
        old = vault.seal(b"one", "variable A of node 1")
        name = read_keys(path)[0].id.hex()
        add_key(path)
        assert [key.id.hex() for key in drop_old_keys(path)] == [name]
        with pytest.raises(PlumblineError) as caught:
            KeyVault(path).open(old, "variable A of node 1")
        assert code(caught) == "unknown-key"
        assert name in str(caught.value)
        assert "variable A of node 1" in str(caught.value)

    def test_another_installations_key_does_not_open(self, vault, tmp_path):
        other = KeyVault(tmp_path / "other.key", create=True)
        with pytest.raises(PlumblineError) as caught:
            other.open(vault.seal(b"secret", "here"), "here")
        assert code(caught) == "unknown-key"
        assert caught.value.hint


class TestKeyFile:
    def test_it_is_its_owners_alone_and_leaves_nothing_beside(self, vault, path):
        add_key(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert sorted(file.name for file in path.parent.iterdir()) == [".sealing.key.lock", "sealing.key"]

    def test_keys_are_kept_when_there_are_some(self, vault, path):
        before = path.read_bytes()
        assert create_keys(path) == read_keys(path)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
    def test_open_to_others_is_refused(self, vault, path, mode):
        path.chmod(mode)
        with pytest.raises(PlumblineError) as caught:
            KeyVault(path)
        assert code(caught) == "key-file-open-to-others"
        assert "chmod 600" in str(caught.value.hint)

    def test_a_missing_file_is_said_so_and_not_made(self, path):
        with pytest.raises(PlumblineError) as caught:
            KeyVault(path)
        assert code(caught) == "no-key-file"
        assert not path.exists()

    @pytest.mark.parametrize(
        ("content", "line"),
        [
            (b"", 0),
            (b"# only words\n", 1),
            (b"password\n", 1),
            (b"plumbline-key-1:00:AAAA\n", 1),
            (b"plumbline-key-1:00000000:AAAA\n", 1),
            (b"\xff\xfe\n", 1),
        ],
    )
    def test_a_malformed_file_is_refused_at_its_line(self, path, content, line):
        path.parent.mkdir()
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(PlumblineError) as caught:
            read_keys(path)
        assert code(caught) == "key-file-malformed"
        assert f"line {line}" in str(caught.value)

    def test_a_damaged_line_keeps_its_secret_out_of_the_message(self, vault, path):
        secret = path.read_text().strip().split(":")[2]
        path.write_text(f"plumbline-key-2:00000000:{secret}\n")
        with pytest.raises(PlumblineError) as caught:
            read_keys(path)
        assert secret not in str(caught.value)
        assert secret not in repr(create_keys(path.with_name("new.key")))

    def test_keys_added_at_the_same_time_are_all_kept(self, vault, path):
        threads = [threading.Thread(target=add_key, args=(path,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(read_keys(path)) == 9

    def test_a_folder_that_cannot_be_made_is_said_so(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(PlumblineError) as caught:
            create_keys(tmp_path / "file" / "sealing.key")
        assert code(caught) == "key-file-not-written"

    def test_a_key_does_not_show_its_secret(self, vault, path):
        key = read_keys(path)[0]
        assert key.secret.hex() not in repr(key)
        assert os.fsencode(repr(key)) == f"Key({key.id.hex()})".encode()


class TestAnotherProcess:
    def test_a_new_key_is_used_without_a_restart(self, vault, path):
        add_key(path)
        sealed = vault.seal(b"one", "here")
        assert KeyVault(path).is_current(sealed)

    def test_dropped_keys_seal_nothing_more(self, vault, path):
        add_key(path)
        drop_old_keys(path)
        assert KeyVault(path).open(vault.seal(b"one", "here"), "here") == b"one"

    def test_while_the_file_is_gone_the_known_keys_serve_on(self, vault, path):
        sealed = vault.seal(b"one", "here")
        path.unlink()
        assert vault.open(vault.seal(b"two", "here"), "here") == b"two"
        assert vault.open(sealed, "here") == b"one"
