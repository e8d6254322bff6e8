"""The one place where an error becomes an exit status."""

from __future__ import annotations

import click

from plumbline.kernel import ErrorKind, PlumblineError, t

OK = 0
JOB_FAILED = 1
CONFIGURATION = 2
ENVIRONMENT = 3
INTERRUPTED = 130
UNREAD = 141  # nobody reads our output any more; what a process gets that dies of SIGPIPE

_STATUS = {
    ErrorKind.CONFIGURATION: CONFIGURATION,
    ErrorKind.REFUSED: CONFIGURATION,
    ErrorKind.ENVIRONMENT: ENVIRONMENT,
}


def show_error(error: PlumblineError) -> int:
    """Say what is wrong on standard error; returns the exit status."""
    click.echo(t("error: {message}", message=error.message), err=True)
    if error.hint is not None:
        click.echo(t("  hint: {hint}", hint=error.hint), err=True)
    return _STATUS[error.kind]
