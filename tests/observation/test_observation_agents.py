"""AI agents as repositories tell of them: which files set them up, and which commits say that one helped."""

from __future__ import annotations

import json
import time

import pytest

from plumbline.observation import inspect_agents, inspect_tree
from plumbline.observation.messages import assisted_by, people

SECRET = "sk-live-0123456789"  # noqa: S105 - made up
FILES = {
    "AGENTS.md": f"Be kind. Key: {SECRET}",
    "docs/CLAUDE.md": "x",
    ".cursor/rules/python.mdc": "x",
    ".github/copilot-instructions.md": "x",
    ".mcp.json": json.dumps(
        {"mcpServers": {"ledger": {"command": "npx", "env": {"TOKEN": SECRET}}, "bad\nname": {}, "files": {}}}
    ),
    ".vscode/mcp.json": '// comment\n{"servers": {"wiki": {"url": "https://u:p@wiki.example"}}}',
    ".codex/config.toml": '[mcp_servers.search]\ncommand = "x"\n',
    ".claude/settings.json": json.dumps({"permissions": {"allow": [f"Bash(curl -H {SECRET})", "WebFetch", 7]}}),
    "src/agents.md.py": "x",
    "node_modules/a/AGENTS.md": "x",
    "README.md": "x",
}


def read(path: str) -> bytes | None:
    return FILES[path].encode()


def test_files_are_counted_and_servers_named_and_nothing_else_leaves() -> None:
    found = inspect_agents(FILES, read)
    assert found is not None
    assert found.files == 8
    assert found.tool_servers == ("files", "ledger", "search", "wiki")
    assert found.permissions == ("Bash", "WebFetch")
    assert SECRET not in repr(found)
    assert "p@wiki" not in repr(found)
    assert "agent-config" in {one.kind for one in inspect_tree(FILES, read)}


def test_the_digest_follows_every_byte_of_these_files_alone() -> None:
    before = inspect_agents(FILES, read)
    changed = inspect_agents(FILES, lambda path: read(path) if path != "docs/CLAUDE.md" else b"y")
    other = inspect_agents(FILES, lambda path: read(path) if path != "README.md" else b"y")
    assert before is not None
    assert changed is not None
    assert other is not None
    assert before.digest != changed.digest
    assert before == other


def test_a_repository_without_agents_has_none() -> None:
    assert inspect_agents(["README.md", "src/a.py"], read) is None


@pytest.mark.parametrize(
    "data", [b"{", b"[" * 100_000, b'{"mcpServers": []}', b'{"mcpServers": {"a": 1}}', b"\xed\xa0\x80"]
)
def test_what_cannot_be_read_is_counted_and_names_nothing(data: bytes) -> None:
    found = inspect_agents([".mcp.json"], lambda _: data)
    assert found is not None
    assert found.files == 1
    assert found.tool_servers in ((), ("a",))


@pytest.mark.parametrize(
    ("trailer", "names"),
    [
        ("Assisted-by: Claude:opus-4 ruff", ("Claude:opus-4 ruff",)),
        ("Assisted-By: Copilot <copilot@x.example>", ("Copilot",)),
        ("Generated-by: Aider", ("Aider",)),
        ("Co-authored-by: Claude <noreply@anthropic.com>", ("Claude",)),
        ("Co-Authored-By: Claude Opus 4 <noreply@anthropic.com>", ("Claude Opus 4",)),
        ("Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>", ("Copilot",)),
        ("Co-authored-by: Cursor Agent <cursoragent@cursor.com>", ("Cursor Agent",)),
        ("Co-authored-by: Claude Monet <monet@bank.example>", ()),
        ("Co-authored-by: Wang <noreply@anthropic.com>", ()),
        ("Reviewed-by: Claude <noreply@anthropic.com>", ()),
        ("Written without Assisted-by: anything", ()),
    ],
)
def test_a_trailer_says_so_plainly_or_not_at_all(trailer: str, names: tuple[str, ...]) -> None:
    assert assisted_by(f"Add a rope\n\n{trailer}\n") == names


def test_an_agent_is_no_reviewer() -> None:
    message = "x\n\nReviewed-by: Claude <noreply@anthropic.com>\nReviewed-by: Wang <wang@bank.example>\n"
    assert people(message, "Ann") == (("Wang <wang@bank.example>",), ())


def test_long_names_are_read_in_no_time() -> None:
    begin = time.process_time()
    assert assisted_by("x\n\nCo-authored-by: claude" + "-a" * 50_000) == ()
    assert assisted_by("x\n\nCo-authored-by: claude" + " a" * 50_000) == ()
    assert time.process_time() - begin < 5
