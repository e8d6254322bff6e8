"""Streams end soon after whoever listens may listen no more, however much there is to tell meanwhile."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from starlette.requests import Request
from web_server import add_entries

from plumbline.model.person import Role
from plumbline.model.tree import INSTANCE
from plumbline.web import live
from plumbline.web.serve import Server


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    for name, seconds in {"ASK": 0.05, "LOOK": 0.01, "LOOK_AT_LOG": 0.01}.items():
        monkeypatch.setattr(live, name, seconds)


def request_of(browser, **numbers):
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())

    async def receive():
        await asyncio.sleep(3600)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "path_params": numbers, "state": {},
             "headers": [(b"cookie", cookie.encode())]}  # fmt: skip
    return Request(scope, receive)


def switched_off(bank):
    with bank.store.change() as tx:
        tx.people.save(msgspec.structs.replace(tx.people.named("omar"), active=False))


def signed_out(bank):
    with bank.store.change() as tx:
        tx.sessions.remove_all(tx.people.named("omar").id)


def without_a_role(bank):
    with bank.store.change() as tx:
        tx.grants.remove(tx.people.named("omar").id, INSTANCE, Role.VIEWER)


def listen(bank, stream, over, going_on):
    """What was told until the stream ended by itself; ``over`` happens after the first piece."""
    streams = live.Live(bank.server.tools, Server(bank.server.tools))
    omar, job = bank.browser("omar"), bank.begin(bank.add_pipeline(3, {"build": "build"}).id, "build")

    async def run():
        request = request_of(omar, job=job) if stream == "log" else request_of(omar)
        answer = await getattr(streams, stream)(request)
        assert answer.status_code == 200
        pieces = []
        async for piece in answer.body_iterator:
            if not pieces:
                over(bank)
            pieces.append(piece)
            going_on(job)
        return pieces

    return asyncio.run(asyncio.wait_for(run(), 30))


@pytest.mark.slow
@pytest.mark.parametrize("over", [switched_off, signed_out, without_a_role])
@pytest.mark.parametrize("busy", [False, True])
def test_the_log_of_a_job_goes_to_nobody_who_may_not_read_it(bank, over, busy):
    told = listen(bank, "log", over, (lambda job: bank.write(job, "more\n")) if busy else lambda job: None)
    assert told
    assert not any("event: ended" in one for one in told)  # the job goes on


@pytest.mark.parametrize("over", [switched_off, signed_out])
@pytest.mark.parametrize("busy", [False, True])
def test_what_changes_is_told_to_nobody_who_is_gone(bank, over, busy):
    assert listen(bank, "changes", over, (lambda _: add_entries(bank.server, 1)) if busy else lambda _: None)
