"""``plumb up``: the server, in this terminal until it is told to end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.errors import OK, status_of
from plumbline.cli.help import command, option
from plumbline.cli.serving import store_options
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.wiring_server import ServerSettings

LISTEN = "127.0.0.1:8470"


@command(
    "up",
    t("Start the server: API, web pages, runner and scheduler in one process."),
    t("It listens on this machine only, unless --listen says otherwise; put a proxy that speaks HTTPS before it then."),
    t("An older store is brought up to date, after a backup. End it with Ctrl-C or SIGTERM."),
)
@option("--listen", metavar="HOST:PORT", default=LISTEN, show_default=True, text=t("Where to listen; port 0: any."))
@option("--url", metavar="URL", text=t("The address that browsers use, where a proxy stands before the server."))
@option("--runners", type=click.IntRange(1), metavar="N", text=t("How many jobs run at the same time."))
@option("--no-runner", is_flag=True, text=t("Run no jobs here; other replicas do."))
@option(
    "--isolation",
    type=click.Choice(["auto", "bwrap", "none"]),
    default="auto",
    text=t("Keep jobs away from the rest of the machine: with bubblewrap where it is there (auto), always, or not."),
)
@option("--grace", type=click.IntRange(0), default=30, metavar="SECONDS", show_default=True,
        text=t("How long running jobs may go on when the server is told to end."))  # fmt: skip
@store_options
def PART(**options: Any) -> int:  # noqa: N802
    from plumbline.wiring import guard_server

    return guard_server(lambda: status_of(lambda: _up(options)))


def _up(options: dict[str, Any]) -> int:
    from plumbline.wiring_server import ServerSettings

    settings = ServerSettings(
        data=options["data"],
        database=options["database"],
        url=_address(options["url"]),
        isolation=options["isolation"],
        runners=0 if options["no_runner"] else options["runners"],
    )
    return _serve(settings, options["listen"], float(options["grace"]))


def _address(url: str | None) -> str | None:
    """What links and webhooks begin with. Raises PlumblineError ``url-wrong``."""
    if url is None or re.fullmatch(r"https?://[A-Za-z0-9.\[\]:_-]+/?", url):
        return url.rstrip("/") if url else None
    raise PlumblineError(
        "url-wrong",
        t("{url} is not the address of a server.", url=url),
        t("Write it without a path, such as https://plumbline.bank.example"),
        kind=ErrorKind.CONFIGURATION,
    )


def _serve(settings: ServerSettings, address: str, grace: float) -> int:
    from plumbline.api import listen, log_to_stderr, make_app, serve, url_of
    from plumbline.cli.embedded import EmbeddedRunner, Housekeeping
    from plumbline.flow.serving import set_up_link
    from plumbline.web import pages_for, server_desk
    from plumbline.wiring_server import OpenServer

    log_to_stderr()
    with listen(address) as listening, OpenServer(settings) as server:
        runner = EmbeddedRunner(server) if settings.runners != 0 else None
        house = Housekeeping(server)
        url = settings.url or url_of(listening)
        if runner is not None:
            runner.start()

        def ready() -> None:
            _tell(url, set_up_link(server.tools))
            house.start()

        serve(
            make_app(server.tools, pages_for(server_desk(server.tools, url), secure=settings.secure)),
            listening,
            on_ready=ready,
            on_stop=runner.stop_soon if runner else lambda: None,
            behind_proxy=settings.secure,
            grace=min(grace, 10.0),
        )
        if runner is not None:
            runner.finish(grace)
        house.finish()
    return OK


def _tell(url: str, link: str | None) -> None:
    click.echo(t("Plumbline listens on {url}", url=url))
    if link is not None:
        click.echo(t("Nobody is here yet. The first person signs up at {url}", url=f"{url}/setup?key={link}"))
