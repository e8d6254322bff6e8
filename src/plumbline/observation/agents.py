"""How AI agents are set up in a repository: which files, their digests, and the names of the tool servers and tools
that they let an agent use. What the files say stays where it is."""

from __future__ import annotations

import json
import re
import tomllib
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from plumbline.observation.observed import ObservedAgents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_FILES = re.compile(
    r"(?:^|/)(?:AGENTS|CLAUDE|GEMINI|QWEN)(?:\.local)?\.md$|(?:^|/)\.(?:cursorrules|windsurfrules|clinerules|aider\.conf\.ya?ml)$"
    r"|(?:^|/)\.(?:cursor|claude|gemini|codex|continue|windsurf|roo|kiro|junie|opencode|qoder|trae)/.+"
    r"|(?:^|/)\.clinerules/.+"
    r"|(?:^|/)\.github/(?:copilot-instructions\.md|instructions/.+\.md|agents/.+|prompts/.+|chatmodes/.+)$"
    r"|(?:^|/)\.vscode/mcp\.json$|(?:^|/)\.?mcp\.json$|(?:^|/)opencode\.jsonc?$"
)
_FOREIGN = re.compile(r"(?:^|/)(?:node_modules|vendor|third[-_]party|bower_components|site-packages)/")
_SERVERS = ("mcpServers", "mcp_servers", "servers", "mcp")
_MOST_FILES = 2_000
_MOST_READ = 1 << 20  # bytes of one file that are looked into
_MOST_NAMES = 200
_LONGEST = 100  # characters of a name
_NAME = re.compile(r"[\w@./:+-][\w@./:+ -]*")
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)


def is_agent_file(path: str) -> bool:
    """Whether it sets an AI agent up, by its place alone."""
    return _FILES.search(path) is not None and _FOREIGN.search(path) is None


def inspect_agents(paths: Iterable[str], read: Callable[[str], bytes | None]) -> ObservedAgents | None:
    """None where no file sets one up. ``read`` gives a file's bytes, None where it cannot."""
    found = sorted(path for path in paths if is_agent_file(path))
    if not found:
        return None
    whole = sha256()
    servers: set[str] = set()
    permissions: set[str] = set()
    for path in found[:_MOST_FILES]:
        data = read(path)
        if data is None:
            continue
        whole.update(f"{sha256(data).hexdigest()}  {path}\n".encode("utf-8", "surrogateescape"))
        said = _settings(path, data)
        servers |= set(_servers(said))
        permissions |= set(_permissions(said))
    return ObservedAgents(
        files=len(found),
        digest=f"sha256:{whole.hexdigest()}",
        tool_servers=tuple(sorted(servers)[:_MOST_NAMES]),
        permissions=tuple(sorted(permissions)[:_MOST_NAMES]),
    )


def _settings(path: str, data: bytes) -> Any:
    """Of a file in JSON or TOML; an empty dict for all others, and for what is none."""
    if len(data) > _MOST_READ or not path.endswith((".json", ".jsonc", ".toml")):
        return {}
    try:
        text = data.decode()
        return tomllib.loads(text) if path.endswith(".toml") else json.loads(_COMMENT.sub("", text))
    except (ValueError, RecursionError):
        return {}


def _servers(said: Any) -> Iterator[str]:
    """Their names are the keys under which they stand; how they are started, and with which secrets, is beside them."""
    if not isinstance(said, dict):
        return
    for key in _SERVERS:
        if isinstance(under := said.get(key), dict):
            yield from (name for one in under if (name := _plain(one)))


def _permissions(said: Any) -> Iterator[str]:
    """Of `Bash(make test:*)` the name of the tool: what follows may be anything."""
    allowed = said.get("permissions") if isinstance(said, dict) else None
    for one in allowed.get("allow") or () if isinstance(allowed, dict) else ():
        if isinstance(one, str) and (name := _plain(one.partition("(")[0])):
            yield name


def _plain(name: Any) -> str:
    found = _NAME.fullmatch(name.strip()) if isinstance(name, str) else None
    return found[0][:_LONGEST] if found else ""
