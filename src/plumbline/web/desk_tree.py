"""The server's own desk: the nodes of the tree, and what is set at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import Permission
from plumbline.flow.people.manage_access import put_variable, remove_variable
from plumbline.flow.tree.bind_repository import bind_repository, is_local
from plumbline.flow.tree.manage_tree import add_node, change_node, visible_ancestors, visible_nodes
from plumbline.flow.tree.repository_credentials import put_repository_credential, remove_repository_credential
from plumbline.kernel import t, without_password
from plumbline.model.server import Binding
from plumbline.model.tree import INSTANCE, Node, NodeKind
from plumbline.web.desk import RepositoryState
from plumbline.web.desk_base import DeskBase, not_found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential
    from plumbline.model.server import Delivery
    from plumbline.model.tree import StoredVariable
    from plumbline.web.desk import Visitor


class TreeDesk(DeskBase):
    def nodes(self, visitor: Visitor) -> Sequence[Node]:
        with self._tools.store.view() as tx:
            return visible_nodes(tx, visitor.standing)

    def line(self, visitor: Visitor, node: int) -> Sequence[Node]:
        with self._tools.store.view() as tx:
            found = visible_ancestors(tx, visitor.standing, node)
        if not found:
            raise not_found(t("There is no node {node}.", node=node))
        return found

    def add_node(self, visitor: Visitor, parent: int | None, kind: NodeKind, name: str, title: str) -> Node:
        permission = Permission.PROJECT_CREATE if kind is NodeKind.PROJECT else Permission.TREE_WRITE
        node = Node(id=0, kind=kind, name=name, path="", parent=parent, title=title)
        with self._tools.store.change() as tx:
            self._require(tx, visitor, permission, parent or INSTANCE)
            return add_node(tx, self._moment(), visitor.standing, node)

    def bind(self, visitor: Visitor, project: int, kind: str, url: str, poll: int, branch: str) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.PROJECT_SETTINGS, project)
            if is_local(url):  # whoever names a path reads what the server may read
                self._require(tx, visitor, Permission.INSTANCE_MANAGE, INSTANCE)
            before = tx.bindings.get(project) or Binding(project=project, kind=kind, url=url)
            binding = msgspec.structs.replace(before, kind=kind, url=url, poll=poll, default_branch=branch)
            moment = self._moment()
            bind_repository(self._tools, tx, moment, visitor.standing, ancestors[0], binding, new_secret=False)

    def repository(self, visitor: Visitor, project: int) -> RepositoryState | None:
        with self._tools.store.view() as tx:
            self._require(tx, visitor, Permission.PROJECT_VIEW, project)
            found = tx.bindings.get(project)
        if found is None:
            return None
        hook = f"{self._url}/hooks/{found.kind}/{project}"
        url = without_password(found.url)
        return RepositoryState(found.kind, url, hook, found.poll, found.polled, found.default_branch)

    def deliveries(self, visitor: Visitor, project: int, limit: int) -> Sequence[Delivery]:
        with self._tools.store.view() as tx:
            self._require(tx, visitor, Permission.PROJECT_SETTINGS, project)
            return tx.deliveries.newest(project, limit)

    def renew_webhook(self, visitor: Visitor, project: int, signing_token: str) -> str:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.PROJECT_SETTINGS, project)
            before = tx.bindings.get(project)
            if before is None:
                raise not_found(t("Project {project} has no repository.", project=project))
            return bind_repository(
                self._tools, tx, self._moment(), visitor.standing, ancestors[0], before,
                new_secret=not signing_token, signing_token=signing_token,
            )[1]  # fmt: skip

    def repository_credentials(self, visitor: Visitor, node: int) -> Sequence[RepositoryCredential]:
        with self._tools.store.view() as tx:
            ancestors = self._require(tx, visitor, Permission.VARIABLE_VIEW, node)
            return tx.repository_credentials.at([INSTANCE, *(each.id for each in ancestors)])

    def put_repository_credential(self, visitor: Visitor, credential: RepositoryCredential, secret: str) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.VARIABLE_WRITE, credential.node)
            moment = self._moment()
            put_repository_credential(self._tools, tx, moment, visitor.standing, credential, secret, ancestors)

    def remove_repository_credential(self, visitor: Visitor, node: int, scheme: RemoteScheme, host: str) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.VARIABLE_WRITE, node)
            remove_repository_credential(tx, self._moment(), visitor.standing, ancestors, scheme, host)

    def variables(self, visitor: Visitor, node: int) -> Sequence[StoredVariable]:
        with self._tools.store.view() as tx:
            self._require(tx, visitor, Permission.VARIABLE_VIEW, node)
            return tx.variables.at([node])

    def put_variable(self, visitor: Visitor, variable: StoredVariable, value: str) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.VARIABLE_WRITE, variable.node)
            put_variable(self._tools, tx, self._moment(), visitor.standing, variable, value, ancestors)

    def remove_variable(self, visitor: Visitor, node: int, name: str, scope: str) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.VARIABLE_WRITE, node)
            remove_variable(tx, self._moment(), visitor.standing, ancestors, name, scope)

    def change_setting(self, visitor: Visitor, node: int, key: str, value: object) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.PROJECT_SETTINGS, node)
            change_node(tx, self._moment(), visitor.standing, ancestors[0], settings={key: value})

    def rename(self, visitor: Visitor, node: int, title: str) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.PROJECT_SETTINGS, node)
            change_node(tx, self._moment(), visitor.standing, ancestors[0], title=title)

    def archive(self, visitor: Visitor, node: int, archived: bool) -> None:
        with self._tools.store.change() as tx:
            ancestors = self._require(tx, visitor, Permission.PROJECT_ARCHIVE, node)
            change_node(tx, self._moment(), visitor.standing, ancestors[0], archived=archived)
