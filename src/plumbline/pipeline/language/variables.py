"""CI/CD variables: the server's and the runner's expansion, precedence and scopes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NoReturn

from msgspec.structs import replace

from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.pipeline import Variable, VariableSource

MAX_VALUE = 1024 * 1024  # characters that references may add to one value
MAX_GROWTH = 16 * MAX_VALUE  # and to all the variables of one job together

_SERVER = re.compile(r"\$\$|%%|\$(?:([a-zA-Z_]\w*)|\{([a-zA-Z_]\w*)\})|%([a-zA-Z_]\w*)%", re.ASCII)
_RUNNER = re.compile(r"\$(?:([*#$@!?0-9-])|(\w+)|\{([^}]+)\}|(\{\}?))", re.ASCII)
_MASKABLE = re.compile(r"[a-zA-Z0-9_+=/@:.~-]{8,}")
_MASKABLE_RAW = re.compile(r"\S{8,}")
_PRECEDENCE = {source: number for number, source in enumerate(VariableSource)}


class VariableError(PlumblineError):
    """Variables that cannot be expanded: a cycle (``cyclic-variables``), or more growth than is allowed
    (``variable-too-large``). ``name`` is the variable's; whoever knows the job adds the place."""

    def __init__(self, code: str, message: Text, hint: Text, name: str) -> None:
        super().__init__(code, message, hint, kind=ErrorKind.CONFIGURATION)
        self.name = name


def expand(text: str, values: Mapping[str, str], *, unknown: str | None = None) -> str:
    """The server's expansion, once: ``$x``, ``${x}``, ``%x%``. Unknown names stay as they are, or become ``unknown``;
    ``$$`` and ``%%`` stay, and so does every reference beyond :data:`MAX_VALUE`."""
    if "$" not in text and "%" not in text:
        return text
    room = MAX_VALUE

    def value(found: re.Match[str]) -> str:
        nonlocal room
        if not found.lastindex:
            return found[0]
        known = values.get(found[found.lastindex], found[0] if unknown is None else unknown)
        room -= len(known)
        return known if room >= 0 else found[0]

    return _SERVER.sub(value, text)


def references(text: str) -> tuple[str, ...]:
    """The names that :func:`expand` would look up in ``text``, each once, in order."""
    if "$" not in text and "%" not in text:
        return ()
    names = (found[found.lastindex] for found in _SERVER.finditer(text) if found.lastindex)
    return tuple(dict.fromkeys(names))


def runner_expand(text: str, values: Mapping[str, str]) -> str:
    """The runner's expansion, once, as Go's ``os.Expand`` does it: ``$x`` and ``${x}``, unknown names become empty,
    ``$$`` becomes ``$``. References beyond :data:`MAX_VALUE` become empty too."""
    if "$" not in text:
        return text
    room = MAX_VALUE

    def value(found: re.Match[str]) -> str:
        nonlocal room
        special, plain, braced, _ = found.groups()
        name = plain or braced
        if special == "$" or name == "$":
            return "$"
        known = values.get(name, "") if name else ""
        room -= len(known)
        return known if room >= 0 else ""

    return _RUNNER.sub(value, text)


def expand_all(
    variables: Sequence[Variable],
    *,
    raw_references: bool = True,
    known: Mapping[str, str] | None = None,
    unknown: str | None = None,
) -> list[Variable]:
    """Expand variables in one another, recursively, each after those it refers to; the last of a name is meant.

    Raw ones stay as they are, and so does a reference to a file variable, whose path only the runner knows. Without
    ``raw_references`` the same goes for references to raw ones: whoever expands once more would expand their values.
    A variable that refers to itself gets the earlier one of its name, if there is one. ``known`` are values for names
    that no variable has; they are taken as they are; ``unknown`` as in :func:`expand`. Raises :class:`VariableError`
    for a cycle, and for values that grow beyond :data:`MAX_VALUE` or together beyond :data:`MAX_GROWTH`.
    """
    names = [
        references(variable.value) if not variable.raw and ("$" in variable.value or "%" in variable.value) else ()
        for variable in variables
    ]
    if not any(names):
        return list(variables)
    last = {variable.name: position for position, variable in enumerate(variables)}
    expanded = list(variables)
    values = dict(known or ())
    settled: set[str] = set()
    room = MAX_GROWTH
    for position in _after_what_they_need(variables, names, last):
        variable = variables[position]
        if names[position]:
            room -= _growth(variable, values, min(room, MAX_VALUE))
            expanded[position] = replace(variable, value=expand(variable.value, values, unknown=unknown))
        if not variable.file and (raw_references or not variable.raw) and variable.name not in settled:
            values[variable.name] = expanded[position].value
        if position == last[variable.name]:
            settled.add(variable.name)
    return expanded


def _growth(variable: Variable, values: Mapping[str, str], room: int) -> int:
    """The characters that expansion adds; refused above ``room``."""
    found = (match[match.lastindex] for match in _SERVER.finditer(variable.value) if match.lastindex)
    growth = sum(len(values.get(name, "")) for name in found)
    if growth > room:
        raise VariableError(
            "variable-too-large",
            t(
                "the variable {name} grows by more than {limit} characters when expanded",
                name=variable.name,
                limit=room,
            ),
            t("set 'expand: false' on it, or break the chain of references"),
            variable.name,
        )
    return growth


def _after_what_they_need(
    variables: Sequence[Variable], names: Sequence[tuple[str, ...]], last: Mapping[str, int]
) -> Iterator[int]:
    """Positions in an order in which every variable comes after those it refers to."""
    earlier: dict[str, int] = {}
    needs: list[Sequence[int]] = []
    for position, variable in enumerate(variables):
        if names[position]:
            places = (earlier.get(name) if name == variable.name else last.get(name) for name in names[position])
            needs.append([place for place in places if place is not None])
        else:
            needs.append(())
        earlier[variable.name] = position
    done = [False] * len(variables)
    for start in range(len(variables)):
        if done[start]:
            continue
        if not needs[start]:
            done[start] = True
            yield start
            continue
        path = [(start, iter(needs[start]))]
        on_path = {start}
        while path:
            position, rest = path[-1]
            following = next((place for place in rest if not done[place]), None)
            if following is None:
                path.pop()
                on_path.discard(position)
                done[position] = True
                yield position
            elif following in on_path:
                _refuse_cycle([variables[place].name for place, _ in path], variables[following].name)
            else:
                on_path.add(following)
                path.append((following, iter(needs[following])))


def _refuse_cycle(path: list[str], name: str) -> NoReturn:
    chain = [*path[path.index(name) :], name]
    raise VariableError(
        "cyclic-variables",
        t("variables refer to one another in a circle: {chain}", chain=" -> ".join(chain)),
        t("give one of them a value without the other, or set 'expand: false'"),
        name,
    )


def resolve(
    variables: Iterable[Variable], environment: str | None = None, protected: bool = False
) -> tuple[Variable, ...]:
    """The variables a job has, one of each name, lowest precedence first.

    A variable with an environment scope counts only where ``environment`` fits it, and the most specific scope wins
    among those of one source and level; a protected one counts only if ``protected``, that is on a protected ref.
    """
    fitting = [
        variable
        for variable in variables
        if (variable.scope == "*" or _fits(variable.scope, environment)) and (protected or not variable.protected)
    ]
    fitting.sort(key=lambda v: (_PRECEDENCE[v.source], v.level, _specificity(v.scope, environment)))
    chosen: dict[str, Variable] = {}
    for variable in fitting:
        chosen.pop(variable.name, None)
        chosen[variable.name] = variable
    return tuple(chosen.values())


def as_mapping(variables: Iterable[Variable]) -> dict[str, str]:
    """Name to value; the last of a name wins."""
    return {variable.name: variable.value for variable in variables}


def _fits(scope: str, environment: str | None) -> bool:
    return environment is not None and _scope_pattern(scope).fullmatch(environment) is not None


@lru_cache(maxsize=1024)
def _scope_pattern(scope: str) -> re.Pattern[str]:
    head, *tail = [re.escape(part) for part in re.split(r"\*+", scope)]
    if not tail:
        return re.compile(head)
    middle = "".join(f"(?>.*?{part})" for part in tail[:-1])
    return re.compile(f"{head}{middle}.*{tail[-1]}", re.DOTALL)


def _specificity(scope: str, environment: str | None) -> tuple[int, int]:
    if scope == "*":
        return (0, 0)
    return (2, 0) if scope == environment else (1, len(scope))


def can_be_masked(value: str, *, raw: bool = False) -> bool:
    """Whether GitLab would mask this value: one line of at least 8 characters, none of them a space; unless the
    variable is raw only letters, digits and ``_ + = / @ : . ~ -``."""
    return (_MASKABLE_RAW if raw else _MASKABLE).fullmatch(value) is not None
