"""``plumb up``: the server, in this terminal until it is told to end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from plumbline.cli.errors import OK, status_of
from plumbline.cli.help import command, option
from plumbline.cli.isolation import isolation_option
from plumbline.cli.serving import store_options
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from logging import Logger

    from plumbline.api import Certificate
    from plumbline.wiring.server import ServerSettings

LISTEN = "127.0.0.1:8470"
_IN_THE_OPEN = t(
    "Passwords and tokens travel here in the open: others on the network can read them. Give --certificate, or put a "
    "proxy that speaks HTTPS before it and name its address with --url."
)
_ONE_ADDRESS = t(
    "Everybody who comes through the proxy has its address here, and is throttled for the mistakes of the others. Name "
    "it with --proxy."
)


@command(
    "up",
    t("Start the server: API, web pages, runner and scheduler in one process."),
    t(
        "It listens on this machine only, unless --listen says otherwise. Then give it a certificate, or put a proxy "
        "that speaks HTTPS before it."
    ),
    t("An older store is brought up to date, after a backup. End it with Ctrl-C or SIGTERM."),
)
@option("--listen", metavar="HOST:PORT", default=LISTEN, show_default=True, text=t("Where to listen; port 0: any."))
@option("--url", metavar="URL", text=t("The address that browsers use, where a proxy stands before the server."))
@option("--proxy", "proxies", multiple=True, metavar="ADDRESS",
        text=t("Address or network of a proxy whose word for who asks is taken. Where it is this machine's, whatever "
               "runs here is taken at its word."))  # fmt: skip
@option("--certificate", metavar="FILE", text=t("Speak HTTPS with this certificate (PEM, with those that issued it)."))
@option("--certificate-key", metavar="FILE", text=t("Its private key (PEM); SIGHUP reads both files anew."))
@option("--runners", type=click.IntRange(1), metavar="N", text=t("How many jobs run at the same time."))
@option("--no-runner", is_flag=True, text=t("Run no jobs here; other replicas do."))
@isolation_option("auto")
@option("--begin-anew", is_flag=True,
        text=t("Where the database of this data folder is gone: set aside what is left of it, and begin with an empty "
               "store and a new ledger key."))  # fmt: skip
@option("--new-ledger-key", is_flag=True,
        text=t("Where the ledger's key is lost for good: make another, and sign with that from now on."))  # fmt: skip
@option("--grace", type=click.IntRange(0), default=30, metavar="SECONDS", show_default=True,
        text=t("How long running jobs may go on when the server is told to end."))  # fmt: skip
@option(
    "--keep-free",
    metavar="SIZE",
    default="512M",
    show_default=True,
    envvar="PLUMBLINE_KEEP_FREE",
    text=t("How much of the data folder's disk stays free, such as 20G or 5%: with less, no job is begun."),
)
@option(
    "--artifacts",
    metavar="URL",
    default="",
    envvar="PLUMBLINE_ARTIFACTS",
    text=t("An object store that artifacts are kept in, s3://BUCKET/PREFIX (default: in the data folder)."),
)
@option("--artifacts-moved", is_flag=True,
        text=t("Artifacts were elsewhere before, and were copied to where --artifacts says."))  # fmt: skip
@option(
    "--wait-for-database",
    "patience",
    type=click.IntRange(0),
    default=300,
    metavar="SECONDS",
    show_default=True,
    text=t("How long to wait for a PostgreSQL server that does not answer yet."),
)
@store_options
def PART(**options: Any) -> int:  # noqa: N802
    from plumbline.wiring.local import guard_server

    return guard_server(lambda: status_of(lambda: _up(options)))


def _up(options: dict[str, Any]) -> int:
    from plumbline.model.room import read_keep_free
    from plumbline.wiring.server import ServerSettings

    if options["begin_anew"]:
        _begin_anew(options["data"], options["database"])
    if options["new_ledger_key"]:
        _new_ledger_key(options["data"])
    settings = ServerSettings(
        data=options["data"],
        database=options["database"],
        artifacts=options["artifacts"].rstrip("/"),
        artifacts_moved=options["artifacts_moved"],
        url=_address(options["url"]),
        isolation=options["isolation"],
        runners=0 if options["no_runner"] else options["runners"],
        https=options["certificate"] is not None,
        certificate=options["certificate"],
        keep_free=read_keep_free(options["keep_free"]),
        patience=float(options["patience"]),
    )
    return _serve(settings, _front(options), float(options["grace"]))


def _begin_anew(data: str | None, database: str | None) -> None:
    from plumbline.wiring.stores import begin_anew

    aside = begin_anew(data, database)
    if aside:
        click.echo(t("What was left of the server before is in {folder} now.", folder=aside))


def _new_ledger_key(data: str | None) -> None:
    from plumbline.wiring.ledger_keys import new_ledger_key

    key = new_ledger_key(data).verifier
    click.echo(t("The ledger is signed with a new key from now on. Hand out its public key: {key}", key=str(key)))


class _Front(NamedTuple):
    """How the server meets those who ask it."""

    listen: str
    proxies: tuple[str, ...]
    certificate: Certificate | None


def _front(options: dict[str, Any]) -> _Front:
    from plumbline.api import Certificate

    chain, key = options["certificate"], options["certificate_key"]
    if (chain is None) != (key is None):
        raise PlumblineError(
            "certificate-wrong",
            t("A certificate and its key belong together."),
            t("Give both --certificate and --certificate-key."),
            kind=ErrorKind.CONFIGURATION,
        )
    proxies = tuple(map(_network, options["proxies"]))
    return _Front(options["listen"], proxies, Certificate(chain, key) if chain else None)


def _network(text: str) -> str:
    """Raises PlumblineError ``proxy-wrong``."""
    from ipaddress import ip_network

    try:
        return str(ip_network(text.strip("[]"), strict=False))
    except ValueError:
        raise PlumblineError(
            "proxy-wrong",
            t("{address} is not the address of a proxy.", address=text),
            t("Write an IP address, such as 10.0.0.5, or a network, such as 10.0.0.0/24."),
            kind=ErrorKind.CONFIGURATION,
        ) from None


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


def _serve(settings: ServerSettings, front: _Front, grace: float) -> int:
    from ipaddress import ip_address
    from logging import getLogger

    from msgspec.structs import replace

    from plumbline.api import listen, log_to_stderr, make_app, url_of
    from plumbline.cli.embedded import (
        CheckpointDeliveries,
        Deliveries,
        EmbeddedRunner,
        Housekeeping,
        turns_of,
    )
    from plumbline.flow.people.invitations import set_up_link
    from plumbline.http.serve import serve
    from plumbline.registry import registry_for
    from plumbline.web import pages_for
    from plumbline.wiring.server import OpenServer

    log_to_stderr()
    log = getLogger(__name__)
    secure = front.certificate is not None
    with (
        listen(front.listen) as listening,
        OpenServer(replace(settings, listens=url_of(listening, secure=secure))) as server,
    ):
        runner = EmbeddedRunner(server) if settings.runners != 0 else None
        house, deliveries = Housekeeping(server), Deliveries(server)
        checkpoints, turns = CheckpointDeliveries(server), turns_of(server)
        url = server.tools.people.url
        if runner is not None:
            runner.start()

        def ready() -> None:
            _tell(url, set_up_link(server.tools.people))
            if runner is not None:
                _tell_of_jobs(settings.isolation, log)
            if not settings.secure and not ip_address(listening.getsockname()[0]).is_loopback:
                log.warning("%s", _IN_THE_OPEN)
            if settings.secure and front.certificate is None and not front.proxies:
                log.warning("%s", _ONE_ADDRESS)
            if front.certificate is not None:
                _tell_of(front.certificate.chain, log)
            house.start()
            deliveries.start()
            checkpoints.start()
            for one in turns:
                one.start()

        def stop() -> None:
            deliveries.stop_soon()
            if runner is not None:
                runner.stop_soon()

        serve(
            make_app(server.tools, [*registry_for(server.tools), *pages_for(server.tools)]),
            listening,
            on_ready=ready,
            on_stop=stop,
            proxies=front.proxies,
            certificate=front.certificate,
            grace=min(grace, 10.0),
        )
        if runner is not None:
            runner.finish(grace)
        deliveries.finish()
        checkpoints.finish()
        for one in turns:
            one.finish()
        house.finish()
    return OK


def _tell_of(certificate: str, log: Logger) -> None:
    """One that expired keeps nobody from starting: jobs and evidence go on, whatever browsers say."""
    from plumbline.wiring.doctor import check_certificate

    check = check_certificate(certificate)
    if check.cure is not None:
        log.warning("%s %s", check.message, check.cure)


def _tell_of_jobs(isolation: str, log: Logger) -> None:
    from plumbline.wiring.pipelines import isolation_told

    told, safe = isolation_told(isolation)
    if safe:
        click.echo(told)
    else:
        log.warning("%s", told)


def _tell(url: str, link: str | None) -> None:
    click.echo(t("Plumbline listens on {url}", url=url))
    if link is not None:
        click.echo(t("Nobody is here yet. The first person signs up at {url}", url=f"{url}/setup?key={link}"))
