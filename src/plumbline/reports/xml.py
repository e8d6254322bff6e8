"""A streaming reader of XML that nobody wrote for us: no entities, no depth without end, no DTD fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from plumbline.kernel import Text, t
from plumbline.model.report import Unreadable
from plumbline.reports import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

Attributes = dict[str, str]
_UNKNOWN = (None, None, False)


class RefusedError(Exception):
    """A document that is not read on; a handler may raise it."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class EnoughError(Exception):
    """EnoughError was seen; a handler may raise it to stop without a fault."""


class XmlStream:
    """Calls ``starts[name](attributes)`` and ``ends[name](text)`` while a document is read; names are local names.

    Text is gathered for the elements in ``texts`` alone: their own, without that of elements in them, and no more than
    ``most`` characters. For an element of another name ``ends`` is given "".
    """

    def __init__(
        self,
        starts: Mapping[str, Callable[[Attributes], None]],
        ends: Mapping[str, Callable[[str], None]],
        texts: Collection[str] = (),
        most: int = limits.DETAILS,
    ) -> None:
        self._starts, self._ends, self._texts, self._most = starts, ends, frozenset(texts), most
        self._parser: expat.XMLParserType | None = None

    @property
    def line(self) -> int:
        """The line of the file that is being read."""
        return self._parser.CurrentLineNumber if self._parser else 0

    def read(self, data: bytes) -> Unreadable | None:
        """Read a whole document in UTF-8; None where it was read to its end, or a handler had enough."""
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.EntityDeclHandler = refuse_entity
        parser.StartElementHandler, parser.EndElementHandler = self._handlers(parser)
        try:
            parser.Parse(data, True)
        except EnoughError:
            pass
        except RefusedError as refused:
            return Unreadable(code=refused.code, message=refused.message)
        except expat.ExpatError as error:
            return _malformed(error)
        finally:
            parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        return None

    def _handlers(self, parser: expat.XMLParserType) -> tuple[Callable[..., None], Callable[..., None]]:
        most, deepest = self._most, limits.DEPTH
        names = {*self._starts, *self._ends, *self._texts}
        known = {name: (self._starts.get(name), self._ends.get(name), name in self._texts) for name in names}.get
        open_: list[tuple[list[str], Callable[[str], None]] | None] = [None]  # one for each element that is open
        push, pop = open_.append, open_.pop

        def start(name: str, attributes: Attributes) -> None:
            about = known(name) or known(name.rpartition(":")[2], _UNKNOWN)
            if about[2]:
                gathered = _gather(most)
                parser.CharacterDataHandler = gathered[1]
                push(gathered)
            else:
                if open_[-1] is not None:
                    parser.CharacterDataHandler = None
                push(None)
                if len(open_) > deepest:
                    raise RefusedError(
                        "too-deep", t("Elements stand more than {most} deep in each other.", most=deepest)
                    )
            if about[0] is not None:
                about[0](attributes)

        def end(name: str) -> None:
            about = known(name) or known(name.rpartition(":")[2], _UNKNOWN)
            gathered, above = pop(), open_[-1]
            if gathered is not above:
                parser.CharacterDataHandler = above[1] if above else None
            if about[1] is not None:
                about[1]("" if gathered is None else "".join(gathered[0]))

        return start, end


def _gather(most: int) -> tuple[list[str], Callable[[str], None]]:
    pieces: list[str] = []
    left = most

    def take(text: str) -> None:
        nonlocal left
        if left > 0:
            pieces.append(text if len(text) <= left else text[:left])
            left -= len(text)

    return pieces, take


def refuse_entity(*_: object) -> None:
    raise RefusedError("entities", t("The file declares entities of its own, which can stand for text without end."))


def _malformed(error: expat.ExpatError) -> Unreadable:
    reason = expat.errors.messages.get(error.code, "?")
    place = f"{error.lineno}:{error.offset + 1}"
    return Unreadable(
        code="malformed",
        message=t(
            "The XML ends or breaks at {place}: {reason}. The tool may have been stopped while it wrote.",
            place=place,
            reason=reason,
        ),
    )
