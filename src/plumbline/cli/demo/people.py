"""Who works in the bank of the demo, and where its projects stand."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from plumbline.cli.demo.client import Client
from plumbline.kernel import t
from plumbline.kernel.text import language
from plumbline.model.person import Role
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from plumbline.kernel import Text


class Post(NamedTuple):
    """A person with one role at one place; ``place`` empty: the whole installation. ``work``: what they do."""

    name: str
    title: Text
    work: Text
    role: Role
    place: str


ADMIN = Post("admin", t("Zhou Min"), t("Looks after the installation"), Role.ADMIN, "")
POSTS = (
    ADMIN,
    Post("developer", t("Li Wei"), t("Writes the code of the loans"), Role.DEVELOPER, "harbour-bank/retail/loans"),
    Post(
        "maintainer",
        t("Wang Fang"),
        t("Looks after the projects of retail banking"),
        Role.MAINTAINER,
        "harbour-bank/retail",
    ),
    Post("security", t("Wu Tao"), t("Writes the rules of gates, judges findings"), Role.SECURITY, "harbour-bank"),
    Post("releaser", t("Chen Jing"), t("Decides what is released"), Role.RELEASE_MANAGER, "harbour-bank"),
    Post("operator", t("Zhao Lei"), t("Deploys what was approved"), Role.OPERATOR, "harbour-bank"),
    Post("auditor", t("Sun Yan"), t("Reads everything, writes nothing"), Role.AUDITOR, ""),
    Post("assessor", t("Liu Yang"), t("Grades how delivery is done"), Role.ASSESSOR, "harbour-bank"),
    Post("viewer", t("He Xin"), t("Sees how work goes"), Role.VIEWER, "harbour-bank"),
)
QUOTES = "harbour-bank/retail/loans/quotes/service"
TARIFFS = "harbour-bank/retail/loans/quotes/tariffs"
OWN = "harbour-bank/technology/engineering/plumbline/plumbline"
NODES = (
    ("organisation", "harbour-bank", t("Harbour Bank")),
    ("branch", "harbour-bank/retail", t("Retail banking")),
    ("product_line", "harbour-bank/retail/loans", t("Loans")),
    ("system", "harbour-bank/retail/loans/quotes", t("Loan quotes")),
    ("project", QUOTES, t("Quote service")),
    ("project", TARIFFS, t("Tariffs")),
    ("branch", "harbour-bank/technology", t("Technology")),
    ("product_line", "harbour-bank/technology/engineering", t("Engineering")),
    ("system", "harbour-bank/technology/engineering/plumbline", t("Delivery platform")),
    ("project", OWN, t("Plumbline itself")),
)


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody who is there now."""

    clients: dict[str, Client]  # by name, signed in
    passwords: dict[str, str]
    nodes: dict[str, int]  # ids by path


def move_in(url: str, link: str, own: bool) -> Staff:
    """The first person signs up with the link and makes the tree; the others come by invitation."""
    passwords = {post.name: secrets.token_urlsafe(12) for post in POSTS}
    admin = Client(url)
    first = {"link": link, "name": ADMIN.name, "password": passwords[ADMIN.name], "title": str(ADMIN.title)}
    admin.enter("/api/v1/setup", first)
    admin.ask("PATCH", "/api/v1/me", {"language": language()})
    nodes = {"": INSTANCE}
    for kind, path, title in NODES:
        if not own and "/technology" in path:
            continue
        above, _, name = path.rpartition("/")
        node = {"kind": kind, "name": name, "title": str(title), "parent": nodes[above] or None}
        nodes[path] = admin.ask("POST", "/api/v1/nodes", node)["id"]
    clients = {ADMIN.name: admin}
    for post in POSTS[1:]:
        clients[post.name] = _hire(admin, post, passwords[post.name], nodes[post.place])
    return Staff(clients, passwords, nodes)


def _hire(admin: Client, post: Post, password: str, node: int) -> Client:
    person = {"name": post.name, "title": str(post.title), "language": language()}
    invited = admin.ask("POST", "/api/v1/people", person)
    admin.ask("PUT", f"/api/v1/people/{invited['person']['id']}/roles", {"role": post.role.value, "node": node})
    client = Client(admin.url)
    client.enter("/api/v1/invitation", {"link": invited["link"], "name": post.name, "password": password})
    return client
