"""Forms, with files (multipart/form-data, RFC 7578) and without, from bytes that were read whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_PARTS = 200


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    data: bytes


def read_form(data: bytes, media: str) -> tuple[dict[str, str], tuple[Upload, ...]]:
    """Fields and the files that were chosen; nothing of either where it is no form."""
    kind, options = parse_options_header(media.encode("utf-8", "replace"))
    if kind == b"multipart/form-data":
        parts = _Parts()
        return parts.form() if parts.read(data, options.get(b"boundary", b"")) else ({}, ())
    try:
        fields = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_PARTS)
    except ValueError:  # more fields than any form of ours has
        return {}, ()
    return dict(fields), ()


class _Parts:
    """The parts of a form: of each what its Content-Disposition says, and its bytes."""

    def __init__(self) -> None:
        self.found: list[tuple[dict[bytes, bytes], bytes]] = []
        self.whole = False
        self._clear()

    def read(self, data: bytes, boundary: bytes) -> bool:
        """Whether it is a form to its end, of no more than :data:`MOST_PARTS` parts."""
        calls: MultipartCallbacks = {
            "on_part_begin": self._clear,
            "on_header_field": lambda data, begin, end: self._name.extend(data[begin:end]),
            "on_header_value": lambda data, begin, end: self._value.extend(data[begin:end]),
            "on_header_end": self._header,
            "on_part_data": lambda data, begin, end: self._data.extend(data[begin:end]),
            "on_part_end": self._end,
            "on_end": self._finish,
        }
        try:
            if boundary:
                MultipartParser(boundary, calls).write(data)
        except FormParserError:
            return False
        return self.whole

    def form(self) -> tuple[dict[str, str], tuple[Upload, ...]]:
        fields: dict[str, str] = {}
        files: list[Upload] = []
        for said, data in self.found:
            name, file = _text(said.get(b"name", b"")), said.get(b"filename")
            if name and file is None:
                fields[name] = _text(data)
            elif name and file and data:
                files.append(Upload(_text(file), data))
        return fields, tuple(files)

    def _clear(self) -> None:
        self._said: dict[bytes, bytes] = {}
        self._name, self._value, self._data = bytearray(), bytearray(), bytearray()

    def _header(self) -> None:
        if self._name.lower() == b"content-disposition":
            _, self._said = parse_options_header(bytes(self._value))
        self._name, self._value = bytearray(), bytearray()

    def _end(self) -> None:
        if len(self.found) == MOST_PARTS:
            raise FormParserError("more parts than any form of ours has")
        self.found.append((self._said, bytes(self._data)))

    def _finish(self) -> None:
        self.whole = True


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
