"""The server's own desk: the nodes of the tree. Goes with the desk, when no page asks it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.tree import bind_repository, manage_tree, read_tree, repository_credentials, variables
from plumbline.model.tree import Node, NodeKind
from plumbline.web.desk import RepositoryState
from plumbline.web.desk_base import DeskBase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.tree.tools import TreeTools
    from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential
    from plumbline.model.server import Delivery
    from plumbline.model.tree import StoredVariable
    from plumbline.web.desk import Visitor


class TreeDesk(DeskBase):
    @property
    def _tree(self) -> TreeTools:
        return self._tools.service.tree

    def nodes(self, visitor: Visitor) -> Sequence[Node]:
        return read_tree.list_nodes(visitor.standing, self._tree)

    def line(self, visitor: Visitor, node: int) -> Sequence[Node]:
        return read_tree.view_ancestors(visitor.standing, self._tree, node)

    def add_node(self, visitor: Visitor, parent: int | None, kind: NodeKind, name: str, title: str) -> Node:
        node = Node(id=0, kind=kind, name=name, path="", parent=parent, title=title)
        return manage_tree.add_node(visitor.standing, self._tree, node)

    def bind(self, visitor: Visitor, project: int, kind: str, url: str, poll: int, branch: str) -> None:
        given = bind_repository.RepositoryWrite(kind=kind, url=url, poll=poll, default_branch=branch)
        bind_repository.bind_repository(visitor.standing, self._tree, project, given)

    def repository(self, visitor: Visitor, project: int) -> RepositoryState | None:
        found = bind_repository.view_repository(visitor.standing, self._tree, project)
        if found is None:
            return None
        hook = self._url + bind_repository.hook_path(found)
        return RepositoryState(found.kind, found.url, hook, found.poll, found.polled, found.default_branch)

    def deliveries(self, visitor: Visitor, project: int, limit: int) -> Sequence[Delivery]:
        return bind_repository.list_deliveries(visitor.standing, self._tree, project, limit)

    def renew_webhook(self, visitor: Visitor, project: int, signing_token: str) -> str:
        return bind_repository.renew_webhook(visitor.standing, self._tree, project, signing_token)

    def repository_credentials(self, visitor: Visitor, node: int) -> Sequence[RepositoryCredential]:
        return repository_credentials.list_repository_credentials(visitor.standing, self._tree, node)

    def put_repository_credential(self, visitor: Visitor, credential: RepositoryCredential, secret: str) -> None:
        repository_credentials.put_repository_credential(visitor.standing, self._tree, credential, secret)

    def remove_repository_credential(self, visitor: Visitor, node: int, scheme: RemoteScheme, host: str) -> None:
        repository_credentials.remove_repository_credential(visitor.standing, self._tree, node, scheme, host)

    def variables(self, visitor: Visitor, node: int) -> Sequence[StoredVariable]:
        return variables.list_variables(visitor.standing, self._tree, node)

    def put_variable(self, visitor: Visitor, variable: StoredVariable, value: str) -> None:
        variables.put_variable(visitor.standing, self._tree, variable, value)

    def remove_variable(self, visitor: Visitor, node: int, name: str, scope: str) -> None:
        variables.remove_variable(visitor.standing, self._tree, node, name, scope)

    def change_setting(self, visitor: Visitor, node: int, key: str, value: object) -> None:
        manage_tree.change_node(visitor.standing, self._tree, node, settings={key: value})

    def rename(self, visitor: Visitor, node: int, title: str) -> None:
        manage_tree.change_node(visitor.standing, self._tree, node, title=title)

    def archive(self, visitor: Visitor, node: int, archived: bool) -> None:
        manage_tree.change_node(visitor.standing, self._tree, node, archived=archived)
