"""Forms with files (multipart/form-data, RFC 7578), from bytes that were read whole."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl

MOST_PARTS = 200


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    data: bytes


def read_form(data: bytes, media: str) -> tuple[dict[str, str], tuple[Upload, ...]]:
    """Fields and the files that were chosen; nothing of either where it is no form."""
    if media.partition(";")[0].strip().lower() == "multipart/form-data":
        return _multipart(data, media)
    try:
        fields = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_PARTS)
    except ValueError:  # more fields than any form of ours has
        return {}, ()
    return dict(fields), ()


def _multipart(data: bytes, media: str) -> tuple[dict[str, str], tuple[Upload, ...]]:
    boundary = _parameter(media, "content-type", "boundary")
    fields: dict[str, str] = {}
    files: list[Upload] = []
    parts = (b"\r\n" + data).split(b"\r\n--" + boundary.encode("utf-8", "replace"), MOST_PARTS)
    for part in parts[1:] if boundary else ():
        head, found, body = part.partition(b"\r\n\r\n")
        disposition = _header(head.decode("utf-8", "replace"), "content-disposition")
        name = _parameter(disposition, "content-disposition", "name")
        if not found or not name:
            continue
        file = _parameter(disposition, "content-disposition", "filename")
        if file and body:
            files.append(Upload(file, body))
        elif not file and "filename=" not in disposition:
            fields[name] = body.decode("utf-8", "replace")
    return fields, tuple(files)


def _header(head: str, name: str) -> str:
    for line in head.splitlines():
        found, _, value = line.partition(":")
        if found.strip().lower() == name:
            return value.strip()
    return ""


def _parameter(value: str, header: str, name: str) -> str:
    message = Message()
    message[header] = value.replace("\r", "").replace("\n", "")
    found = message.get_param(name, "", header)
    return found if isinstance(found, str) else ""
