"""The expressions of ``rules:if``, ``workflow:rules:if`` and ``only:variables``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple, NoReturn

from plumbline.kernel import Text, t
from plumbline.pipeline.language.regex import Regex, RegexError, has_slashes, slashed_regex

# A value while an expression is evaluated. As in GitLab, ``&&`` and ``||`` hand on one of their sides, and only null
# and false are untrue for them; the result as a whole must also not be blank.
Value = str | bool | Regex | None
Evaluate = Callable[[Mapping[str, str]], Value]

MAX_TOKENS = 99  # GitLab refuses longer expressions

_TOKEN = re.compile(
    r"""
      (?P<variable>\$\w+)
    | (?P<string>"[^"\n]*"|'[^'\n]*')
    | (?P<regex>/(?:[^/]|(?<=\\)/){2,}(?<!\\)/[ismU]*)
    | (?P<null>null\b)
    | (?P<operator>==|!=|=~|!~|&&|\|\||\(|\))
    """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_SPACE = re.compile(r"\s*")
_COMPARISONS = frozenset({"==", "!=", "=~", "!~"})


class ExpressionError(ValueError):
    """The expression cannot be read: what is wrong, where (``offset`` counts characters from 0), how to mend it."""

    def __init__(self, message: Text, offset: int, hint: Text | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.offset = offset
        self.hint = hint


class Expression:
    """A parsed expression: ``source`` as written, ``names`` of the variables it reads in order of appearance."""

    __slots__ = ("_evaluate", "names", "source")

    def __init__(self, source: str, names: tuple[str, ...], evaluate: Evaluate) -> None:
        self.source = source
        self.names = names
        self._evaluate = evaluate

    def evaluate(self, variables: Mapping[str, str]) -> bool:
        """Whether it holds; a name that is absent from ``variables`` is ``null``. Values are taken as they are."""
        result = self._evaluate(variables)
        return bool(result.strip()) if isinstance(result, str) else bool(result)


@lru_cache(maxsize=8192)
def parse(text: str) -> Expression:
    """Read an expression; raises :class:`ExpressionError`."""
    tokens = _tokens(text)
    names = dict.fromkeys(token.text[1:] for token in tokens if token.kind == "variable")
    return Expression(text, tuple(names), _Parser(tokens, len(text)).whole())


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = _end_of_space(text, 0)
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            _fail_to_read(text, at)
        tokens.append(_Token(found.lastgroup or "", found.group(), at))
        if len(tokens) > MAX_TOKENS:
            raise ExpressionError(
                t("the expression has more than {limit} parts", limit=MAX_TOKENS),
                at,
                t("split it into several rules, which are alternatives"),
            )
        at = _end_of_space(text, found.end())
    return tokens


def _end_of_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


# What people write instead, and what to tell them; the first that fits.
_MISTAKES: tuple[tuple[str, Text, Text | None], ...] = (
    (
        r"\$\{",
        t("'${NAME}' is not understood here"),
        t("write {example} without braces", example="$NAME"),
    ),
    (r"\$\(", t("a command cannot run in an expression"), None),
    (r"\$", t("a '$' without a name behind it"), None),
    (r"[\"']", t("the string has no closing quote"), None),
    (
        r"//|/[^/\n]/",
        t("a regular expression needs at least two characters between its slashes"),
        t("write /[x]/ for a single character"),
    ),
    (
        r"/",
        t("the regular expression has no closing slash"),
        t("a slash inside it is written \\/"),
    ),
    (
        r"!",
        t("there is no '!' in expressions"),
        t("compare instead: {example}", example='$NAME == null, $NAME != "value", $NAME !~ /regex/'),
    ),
    (r"=", t("there is no '=' in expressions"), t("write '==' to compare")),
    (r"&", t("there is no '&' in expressions"), t("write '&&'")),
    (r"\|", t("there is no '|' in expressions"), t("write '||'")),
    (r"(?i:and)\b", t("there is no word 'and' in expressions"), t("write '&&'")),
    (r"(?i:or)\b", t("there is no word 'or' in expressions"), t("write '||'")),
    (
        r"[\w.-]+",
        t("a bare word is not understood"),
        t("a variable begins with '$', a string stands in quotes"),
    ),
)


def _fail_to_read(text: str, at: int) -> NoReturn:
    for pattern, message, hint in _MISTAKES:
        if re.compile(pattern).match(text, at):
            raise ExpressionError(message, at, hint)
    raise ExpressionError(t("'{character}' is not understood", character=text[at]), at)


class _Parser:
    """Precedence, loosest first: ``||``, ``&&``, comparisons; all group from the left."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._at = 0
        self._end = end

    def whole(self) -> Evaluate:
        if not self._tokens:
            raise ExpressionError(t("the expression is empty"), 0)
        result = self._either()
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.text == ")":
                raise ExpressionError(t("')' without '('"), token.offset)
            raise ExpressionError(
                t("an operator is missing before '{text}'", text=token.text),
                token.offset,
                t("operators are ==, !=, =~, !~, && and ||"),
            )
        return result

    def _either(self) -> Evaluate:
        left = self._both()
        while self._take("||"):
            left = _or(left, self._both())
        return left

    def _both(self) -> Evaluate:
        left = self._comparison()
        while self._take("&&"):
            left = _and(left, self._comparison())
        return left

    def _comparison(self) -> Evaluate:
        left = self._operand()
        while self._at < len(self._tokens) and (operator := self._tokens[self._at].text) in _COMPARISONS:
            self._at += 1
            left = _BUILD[operator](left, self._operand())
        return left

    def _operand(self) -> Evaluate:
        if self._at == len(self._tokens):
            raise ExpressionError(t("the expression ends where a value is expected"), self._end)
        token = self._tokens[self._at]
        self._at += 1
        match token.kind:
            case "variable":
                name = token.text[1:]
                return lambda variables: variables.get(name)
            case "string":
                string = token.text[1:-1]
                return lambda _: string
            case "null":
                return lambda _: None
            case "regex":
                return self._regex(token)
        if token.text == "(":
            inner = self._either()
            if not self._take(")"):
                raise ExpressionError(t("'(' without ')'"), token.offset)
            return inner
        raise ExpressionError(t("a value is expected before '{text}'", text=token.text), token.offset)

    @staticmethod
    def _regex(token: _Token) -> Evaluate:
        source = token.text.replace("\\/", "/")
        try:
            compiled = slashed_regex(source)
        except RegexError as error:
            raise ExpressionError(error.message, token.offset, _hint_for_regex(source)) from None
        return lambda _: compiled

    def _take(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at].text == text:
            self._at += 1
            return True
        return False


def _hint_for_regex(source: str) -> Text | None:
    if any(mark in source for mark in ("(?=", "(?!", "(?<=", "(?<!")):
        return t("RE2 has no look-ahead and look-behind; use '!~' or two conditions")
    return None


def _or(left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(variables: Mapping[str, str]) -> Value:
        value = left(variables)
        return right(variables) if value is None or value is False else value

    return evaluate


def _and(left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(variables: Mapping[str, str]) -> Value:
        value = left(variables)
        return value if value is None or value is False else right(variables)

    return evaluate


def _matches(text: Value, pattern: Value) -> bool:
    """``=~``: by regular expression if the right side is one in slashes, else "is a part of the right side".

    What is not defined is taken for an empty text, as GitLab does.
    """
    if not isinstance(text, str):
        text = ""
    if isinstance(pattern, Regex):
        return pattern.found_in(text)
    if not isinstance(pattern, str):
        return False
    if has_slashes(pattern):
        try:
            return slashed_regex(pattern.replace("\\/", "/")).found_in(text)
        except RegexError:
            return text in pattern
    return text in pattern


_BUILD: dict[str, Callable[[Evaluate, Evaluate], Evaluate]] = {
    "==": lambda left, right: lambda variables: left(variables) == right(variables),
    "!=": lambda left, right: lambda variables: left(variables) != right(variables),
    "=~": lambda left, right: lambda variables: _matches(left(variables), right(variables)),
    "!~": lambda left, right: lambda variables: not _matches(left(variables), right(variables)),
}
