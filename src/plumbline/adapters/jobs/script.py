"""The shell program of one step: its lines in one shell, each shown before it runs, stopping at the first failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_GREEN, _PLAIN = "\033[32;1m", "\033[0;m"
_BASH = "set -eo pipefail\nset +o noclobber\n"
_ANY = "if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi\nset -e\nset +o noclobber 2>/dev/null || :\n"


def compose(
    lines: Iterable[str],
    folder: str,
    *,
    bash: bool,
    trace: bool = False,
    large: Mapping[str, str] | None = None,
    first: str = "",
) -> str:
    """The program for ``lines``, run in ``folder``.

    ``bash``: it will be bash that runs it, otherwise any POSIX shell. Only builtins are added, so that a job without
    commands starts no process but the shell. ``trace`` shows every command as it runs (``CI_DEBUG_TRACE``).
    ``large``: variables too big for a process environment; the script sees them, the programs it starts do not.
    ``first``: whole lines for any shell, before everything else.
    """
    parts = [first, _BASH if bash else _ANY]
    for name, value in (large or {}).items():
        parts.append(f"{name}={quote(value)}\n")
    parts.append(f"cd {quote(folder)} || exit 1\n")
    if trace:
        parts.append("set -x\n")
    for line in lines:
        # A job that closed its output goes on: what is said here is no command of its own.
        parts.append(f"printf '%s\\n' {quote(_GREEN + '$ ' + shown(line) + _PLAIN)} || :\n{line}\n")
    return "".join(parts)


def shown(line: str) -> str:
    """How a script line is announced: its first line, and a remark when there are more."""
    first, _, rest = line.strip("\n").partition("\n")
    return f"{first} # collapsed multi-line command" if rest.strip() else first


def quote(text: str) -> str:
    """As one word for any POSIX shell, whatever is in it."""
    return "'" + text.replace("'", "'\"'\"'") + "'"
