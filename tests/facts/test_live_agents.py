"""AI agents in a real repository, observed by the server."""

from __future__ import annotations

import json

import pytest
from tests.facts.live import Live

from plumbline.flow.tree.manage_tree import change_node
from plumbline.model.fact import Lack

pytestmark = pytest.mark.slow

SERVERS = "agent-tool-servers-outside-list"
KEY = "made-up-key-0123456789"


def allow(live: Live, *names: str) -> None:
    change_node(live.root, live.tree, live.project, settings={"agents.tool_servers": list(names)})


def test_servers_are_held_against_the_list_of_the_node(live: Live) -> None:
    live.observe()
    assert live.fact(SERVERS).lack is Lack.NO_SOURCE
    servers = {"ledger": {"env": {"KEY": KEY}}, "wiki-read": {}, "shell": {}}
    live.commit({".mcp.json": json.dumps({"mcpServers": servers}), "AGENTS.md": f"Use {KEY}."})
    live.observe()
    assert live.fact(SERVERS).lack is Lack.NO_SOURCE  # nobody said which are allowed
    allow(live, "ledger", "wiki-*")
    assert live.fact(SERVERS).value == 1
    allow(live, "*")
    assert live.fact(SERVERS).value == 0
    assert not any(KEY.encode() in one.body for one in live.store.ledger.read())
    (told,) = live.evidence().of("agent.configured")
    assert (told.content["files"], told.content["toolServers"]) == (2, ["ledger", "shell", "wiki-read"])


def test_a_trailer_of_a_commit_makes_a_change_an_assisted_one(live: Live) -> None:
    live.write("ann")
    assert live.fact("changes-assisted-by-agents").lack is Lack.NO_SOURCE
    live.write("ann", message="Add a\n\nAssisted-by: Claude:opus-4")
    live.write("bob", message="Add b")
    good, whole = live.share("changes-assisted-by-agents")
    assert good == 1
    assert whole is not None
    assert whole >= 3
