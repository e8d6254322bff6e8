"""Hashes of passwords, and values sealed with keys outside the database."""

from plumbline.adapters.secrets.key_ring import add_key, create_keys, drop_old_keys, read_keys
from plumbline.adapters.secrets.passwords import Argon2Passwords
from plumbline.adapters.secrets.vault import KeyVault

__all__ = ["Argon2Passwords", "KeyVault", "add_key", "create_keys", "drop_old_keys", "read_keys"]
