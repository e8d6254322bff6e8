"""The one place where an error becomes an exit status."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.language import clicks_words
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable

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


def status_of(action: Callable[[], Any]) -> int:
    """Run a command and turn however it ends into an exit status; what it returns is one, or nothing."""
    try:
        answer = action()
        sys.stdout.flush()
        return answer if isinstance(answer, int) else OK
    except PlumblineError as error:
        return show_error(error)
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        with clicks_words():
            error.show()
        return error.exit_code
    except BrokenPipeError:
        _give_up_stdout()  # whoever read our output has seen enough
        return UNREAD
    except OSError as error:
        try:
            sys.stdout.flush()
        except OSError:
            _give_up_stdout()
        return show_error(_refused_by_system(error))


def _give_up_stdout() -> None:
    """Python would complain once more, and take another exit status, when it flushes stdout at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _refused_by_system(error: OSError) -> PlumblineError:
    """For what no part of the product knew how to explain better."""
    reason = error.strerror or str(error)
    if error.filename is None:
        return PlumblineError("system-refused", t("the system refused: {reason}", reason=reason))
    return PlumblineError("system-refused", t("{path}: {reason}", path=str(error.filename), reason=reason))


def show_error(error: PlumblineError) -> int:
    """Say what is wrong on standard error; returns the exit status."""
    from plumbline.cli.display.table import marked

    with suppress(OSError):  # nobody may be there to read it
        click.echo(marked(str(t("error: {message}", message=error.message))), err=True)
        if error.hint is not None:
            click.echo(marked(str(t("  hint: {hint}", hint=error.hint))), err=True)
    return _STATUS[error.kind]
