"""The forms in which a secret may be printed: as programs quote, escape and encode it.

Each is what stands between the quotes, so it is found inside a longer word as well. A secret of letters and digits
alone has hardly any but itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

MIN_LINE = 4  # shorter lines of a secret of several lines are words of their own too often
MIN_BASE64 = 6  # bytes of a secret below which its base64 core is too short to be told from chance
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_WRAPS = (76, 64)  # columns at which base64(1) and openssl(1) break their output
_PLAIN = re.compile(rb"[A-Za-z0-9_.\-]*")  # what nobody quotes
_BASH_WORD = re.compile(rb"([ \t!\"$&'()*,;<>?\[\\\]^`{|}])")  # printf %q
_WORD = re.compile(r"([^A-Za-z0-9_.,:+/@\n\-])")  # Shellwords and their like
_LETTERS = re.compile(rb"[A-Za-z0-9]{4,}")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_DOUBLE = re.compile(rb'(["$`\\])')  # declare -p
_ANSI = {7: rb"\a", 8: rb"\b", 9: rb"\t", 10: rb"\n", 11: rb"\v", 12: rb"\f", 13: rb"\r", 27: rb"\E", 39: rb"\'",
         92: rb"\\"}  # fmt: skip
_JSON = {"\\": r"\\", '"': r"\"", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_HTML_SAFE = ("<>&", "<>&'=", "<>&'\"+`")  # besides the rest: Go and Ruby, Java's Gson, .NET


@lru_cache(maxsize=512)
def forms_of(secret: bytes) -> dict[bytes, bytes]:
    """Every form of a secret that is looked for, with a part of it that many of them have in common: where that part is
    not, none of them is."""
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        found = {line for line in lines if len(line) >= MIN_LINE}
        if any(0 < len(line) < MIN_LINE for line in lines):
            found.add(secret.strip())
    else:
        found = {secret.strip(b"\r\n")}
    for plain in tuple(found):
        if not _PLAIN.fullmatch(plain):
            found.update(_in_addresses(plain), _in_shells(plain), _in_texts(plain))
    if len(secret) >= MIN_BASE64:
        found.update(_base64(secret))
    cores: dict[bytes, bytes] = {}
    known: list[bytes] = []
    for form in sorted(found - {b""}, key=lambda form: (len(form), form)):
        core = next((core for core in known if core in form), None)
        if core is None:
            core = max([*_LETTERS.findall(form), b""], key=len) or form
            known.append(core)
        cores[form] = core
    return cores


def _in_addresses(plain: bytes) -> set[bytes]:
    upper = b"".join(bytes((c,)) if c in _UNRESERVED else b"%%%02X" % c for c in plain)
    lower = b"".join(bytes((c,)) if c in _UNRESERVED else b"%%%02x" % c for c in plain)
    script = b"".join(bytes((c,)) if c in _UNRESERVED or c in b"!'()*" else b"%%%02X" % c for c in plain)
    forms = {upper, lower, script}
    return forms | {form.replace(b"%20", b"+") for form in forms} | {upper.replace(b"%2F", b"/")}


def _in_shells(plain: bytes) -> set[bytes]:
    """What ``set -x``, ``set``, ``declare -p``, ``export -p``, ``printf %q`` and ``${name@Q}`` print, in bash and in
    dash."""
    forms = {
        plain.replace(b"'", b"'\\''"),
        plain.replace(b"'", b"'\"'\"'"),
        re.sub(b"'+", lambda run: b"'\"%b\"'" % run[0], plain),
        b"".join(_ANSI.get(c) or (bytes((c,)) if 32 <= c != 127 else b"\\%03o" % c) for c in plain),
        b"".join(_ANSI.get(c) or (bytes((c,)) if 32 <= c < 127 else b"\\%03o" % c) for c in plain),
    }
    if _CONTROL.search(plain):  # never quoted in other ways
        return forms
    forms |= {_BASH_WORD.sub(rb"\\\1", plain), _DOUBLE.sub(rb"\\\1", plain)}
    if plain[0] in b"#~":
        forms.add(b"\\" + _BASH_WORD.sub(rb"\\\1", plain))
    if (text := _text(plain)) is not None:
        forms.add(_WORD.sub(r"\\\1", text).encode())
    return forms


def _in_texts(plain: bytes) -> set[bytes]:
    """As JSON of many libraries, also of JSON in JSON and of JSON that a shell shows; and as Python shows it."""
    simple = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    forms = {simple.replace(b"\n", b"\\n").replace(b"\r", b"\\r"), repr(plain)[2:-1].encode()}
    text = _text(plain)
    if text is None:
        return forms
    for letters in ("%04x", "%04X"):
        ascii_only = _json(text, letters, "", all_of_ascii=False)
        forms |= {ascii_only, ascii_only.replace(b"/", b"\\/"), _within(ascii_only)}
        forms |= {_json(text, letters, more, all_of_ascii=whole) for more in _HTML_SAFE for whole in (False, True)}
    json = _json(text, "%04x", "", all_of_ascii=True)
    forms |= {json, json.replace(b"/", b"\\/"), json.replace(b"'", b"'\\''")}
    return forms | {_within(json)} | {repr(text)[1:-1].encode(), ascii(text)[1:-1].encode()}


def _json(text: str, letters: str, more: str, *, all_of_ascii: bool) -> bytes:
    """``letters``: how four digits are written; ``more``: signs that are written so as well; ``all_of_ascii`` False:
    everything beyond ASCII too."""
    parts: list[str] = []
    for sign in text:
        if sign in more or (sign < " " and sign not in _JSON) or (sign > "~" and not all_of_ascii):
            units = sign.encode("utf-16-be")
            parts += ["\\u" + letters % int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
        else:
            parts.append(_JSON.get(sign, sign))
    return "".join(parts).encode()


def _within(json: bytes) -> bytes:
    """JSON in JSON."""
    return json.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _text(plain: bytes) -> str | None:
    try:
        return plain.decode()
    except UnicodeDecodeError:
        return None


def _base64(secret: bytes) -> set[bytes]:
    import base64

    whole = [base64.b64encode(secret), base64.b64encode(secret + b"\n")]
    forms = set(whole) | {form.rstrip(b"=") for form in whole}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + secret)
        first = (shift * 8 + 5) // 6  # the characters before it hold bits of the neighbour
        forms.add(text[first : (shift + len(secret)) * 8 // 6])
    for form in whole:
        for width in _WRAPS:
            if len(form) > width:
                pieces = (form[at : at + width] for at in range(0, len(form), width))
                forms.update(piece for piece in pieces if len(piece) >= 2 * MIN_LINE)
    return forms | {form.translate(_URL_SAFE) for form in forms}


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
