"""Credentials of private repositories: one contract, both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential

if TYPE_CHECKING:
    from plumbline.adapters.store import Store

HTTPS, SSH = RemoteScheme.HTTPS, RemoteScheme.SSH


def test_repository_credentials(store: Store) -> None:
    made = [
        RepositoryCredential(
            node=node, scheme=scheme, host=host, sealed=b"\0sealed", username="git", known_hosts="密", changed=4
        )
        for node, scheme, host in [(0, HTTPS, "b"), (1, SSH, "a"), (1, HTTPS, "a"), (2, HTTPS, "a")]
    ]
    with store.change() as change:
        credentials = change.repository_credentials
        assert all(credentials.put(one) for one in made)
        assert not credentials.put(msgspec.structs.replace(made[0], sealed=b"new", changed_by=7))
        made[0] = msgspec.structs.replace(made[0], sealed=b"new", changed_by=7)
        assert credentials.at([0, 1]) == [made[2], made[1], made[0]]
        assert credentials.at([]) == []
        assert credentials.all() == [made[2], made[3], made[1], made[0]]
        assert credentials.reseal(made[3], b"again")
        assert not credentials.reseal(made[3], b"twice")
        assert credentials.remove(2, "https", "a")
        assert not credentials.remove(2, "https", "a")
        assert not credentials.remove(1, "http", "a")
    with store.view() as view:
        assert view.repository_credentials.all() == [made[2], made[1], made[0]]
