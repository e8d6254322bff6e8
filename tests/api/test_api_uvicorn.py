"""A canary: what we take from classes of uvicorn that it does not promise to keep.

Where this fails after an update of uvicorn, compare ``http/protocol.py`` and ``http/serve.py`` with its new source.
"""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from plumbline.http import protocol, serve
from plumbline.http.protocol import BoundedProtocol

OVERRIDDEN = {
    HttpToolsProtocol: {
        "connection_made": ["transport"],
        "connection_lost": ["exc"],
        "data_received": ["data"],
        "on_headers_complete": [],
        "on_message_complete": [],
        "on_response_complete": [],
    },
    uvicorn.Server: {"startup": ["sockets"], "capture_signals": []},
}
CALLED = {"send_400_response": ["msg"]}
OURS = {HttpToolsProtocol: BoundedProtocol, uvicorn.Server: serve._Server}


def changed(what: str) -> str:
    return f"uvicorn {uvicorn.__version__} has another {what}: see that src/plumbline/http still does what it says"


def parameters(function: object) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", OVERRIDDEN, ids=lambda kind: kind.__name__)
def test_what_we_override_takes_what_it_took(kind: type) -> None:
    for name, wanted in OVERRIDDEN[kind].items():
        assert parameters(getattr(kind, name, lambda gone: None)) == wanted, changed(f"{kind.__name__}.{name}")
    written = {name for name in vars(OURS[kind]) if callable(vars(OURS[kind])[name]) and hasattr(kind, name)}
    assert written - {"__init__", "__doc__", "__module__"} == set(OVERRIDDEN[kind]), "name it in this test too"


def test_what_we_call_takes_what_it_took() -> None:
    for name, wanted in CALLED.items():
        assert parameters(getattr(HttpToolsProtocol, name, lambda gone: None)) == wanted, changed(name)


def test_nothing_of_ours_hides_something_of_its_own() -> None:
    loop = asyncio.new_event_loop()
    try:
        config = uvicorn.Config(lambda *_: None, loop="asyncio", http=HttpToolsProtocol, log_config=None)
        made = HttpToolsProtocol(config, ServerState(), {}, loop)
    finally:
        loop.close()
    for name in ("loop", "transport", "headers", "parser"):
        assert hasattr(made, name), changed(f"HttpToolsProtocol.{name}")
    made.on_message_begin()
    assert (made.url, made.headers) == (b"", []), changed("HttpToolsProtocol.on_message_begin")
    names = [name for name in vars(BoundedProtocol) if not name.startswith("__")]
    hidden = [name for name in names if hasattr(made, name) and name not in OVERRIDDEN[HttpToolsProtocol]]
    assert not hidden, changed(", ".join(hidden))
    server = uvicorn.Server(config)
    for name in ("started", "should_exit", "force_exit"):
        assert getattr(server, name, None) is False, changed(f"Server.{name}")
    assert not [name for name in ("_on_ready", "_on_stop", "_certificate", "_renew", "_end") if hasattr(server, name)]


def test_no_other_file_takes_more_of_it() -> None:
    home = Path(protocol.__file__).parents[1]
    found = {path.name for path in home.rglob("*.py") if "uvicorn" in path.read_text()}
    assert found == {"protocol.py", "serve.py"}, "name in this test what else is taken from uvicorn"
