"""What commit messages say: what is reverted, which work items are meant, who reviewed, what was merged."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_REVERTS = re.compile(r"This reverts (?:merge )?commit ([0-9a-f]{7,64})\b")
_CONVENTIONAL = re.compile(
    r"(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(?:\([^()\n]+\))?!?: +\S", re.IGNORECASE
)
_HOTFIX = re.compile(r"(?<![a-z])hot[-_ ]?fix(?:es|ed)?(?![a-z])|热修复|紧急修复", re.IGNORECASE)
_REVERT = re.compile(r"Revert \"|revert(?:\([^()\n]+\))?!?: ", re.IGNORECASE)
_TRAILER = re.compile(r"^([A-Z][A-Za-z-]*[- ](?:by|By|BY)):[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_REVIEWED = {"reviewed-by", "acked-by", "approved-by"}
_ASSISTED = {"assisted-by", "generated-by"}
_AGENTS = re.compile(  # who says plainly that no person wrote it, by name and address
    r"(?:claude[\w.-]*(?: [\w.-]+)*|(?:github )?copilot|cursor(?: agent)?|codex|gemini[\w.-]*(?: [\w.-]+)*|"
    r"aider(?: \([^()]*\))?|devin(?:[- ]ai)?|openhands|windsurf|jules|qwen[- ]?code) "
    r"<[^<>@]*(?:@anthropic\.com|copilot@users\.noreply\.github\.com|cursoragent@cursor\.com|@openai\.com|"
    r"@aider\.chat|gemini[\w-]*@google\.com|jules@google\.com|@cognition\.ai|openhands@all-hands\.dev|@qwen\.ai)>",
    re.IGNORECASE,
)
_WROTE = {"co-authored-by", "co-developed-by"}
_LONGEST_NAME = 200
_ADDRESS = re.compile(r"\s*<([^>]*)>\s*")

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_INLINE = re.compile(r"`[^`\n]*`|^(?: {4}|\t).*$", re.MULTILINE)
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s<>\"')\]]+", re.IGNORECASE)
_ISSUE_OF_URL = re.compile(r"/(?:-/)?(?:issues|work_items)/([1-9]\d*)\b")
_REQUEST = re.compile(r"\((?:#|!)\d+\)[ \t]*$|(?:pull request|merge request|\bPR|\bMR)s?:?[ \t]*#\d+", re.I | re.M)
_NUMBER = re.compile(r"(?<![\w&/#.-])(?:GH-|#)([1-9]\d{0,8})(?![\w-]|\.\d)")
_KEY = re.compile(r"(?<![\w/#.\-])([A-Z][A-Z0-9]{1,9})-([1-9]\d{0,6})(?![\w\-]|\.\d)")
_MAYBE_NUMBER = re.compile(r"#[1-9]|--(?:story|bug|task)=")
_MAYBE_KEY = re.compile(r"-[1-9](?<=[A-Z0-9]-[1-9])")  # begins with one character to look for, which is fast
_STORY = re.compile(r"(?<![\w-])--(story|bug|task)=([1-9]\d*)\b")
_NO_KEYS = frozenset(  # name a standard, an algorithm, a licence or a machine; digits after them do not count
    [
        "AES",
        "AGPL",
        "AMD",
        "ANSI",
        "ARM",
        "ASCII",
        "AVX",
        "BASE",
        "BIP",
        "BLAKE",
        "BSD",
        "CET",
        "CHACHA",
        "COVID",
        "CP",
        "CRC",
        "CVE",
        "CWE",
        "DDR",
        "DES",
        "DIN",
        "EAX",
        "ECMA",
        "ED",
        "EIP",
        "EN",
        "EST",
        "FIPS",
        "FNV",
        "FP",
        "GB",
        "GCC",
        "GH",
        "GHSA",
        "GMT",
        "GPL",
        "GPT",
        "HMAC",
        "HTTP",
        "IEC",
        "IEEE",
        "INT",
        "IPV",
        "ISO",
        "ITU",
        "JAVA",
        "JDK",
        "JEP",
        "JIS",
        "JSR",
        "KOI",
        "LATIN",
        "LC",
        "LE",
        "LGPL",
        "LLVM",
        "MD",
        "MIPS",
        "MIT",
        "MP",
        "OWASP",
        "PCI",
        "PEP",
        "PHP",
        "PKCS",
        "POSIX",
        "PPC",
        "PS",
        "PSR",
        "PST",
        "PY",
        "RC",
        "RFC",
        "RISC",
        "RSA",
        "SALSA",
        "SHA",
        "SM",
        "SSE",
        "SSL",
        "TLS",
        "UCS",
        "UINT",
        "USB",
        "UTC",
        "UTF",
        "WIN",
        "WINDOWS",
        "XEP",
    ]
)

_BOT = re.compile(
    r"\[bot\]$|(?:^|[-_. ])bot$|^(?:dependabot|renovate|greenkeeper|github[- ]actions?|weblate|mergify|pre-commit-ci|"
    r"travis ci|jenkins(?:$|[-_ ](?:ci|build|agent|user|admin))|gitlab ci|"
    r"bors|snyk|imgbot|allcontributors|homu|copybara[- ]service)\b",
    re.IGNORECASE,
)


class Merged(NamedTuple):
    """What a merge's message tells; empty where it does not."""

    branch: str = ""
    number: str = ""


_MERGES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:!\d+ [^\n]*\n+)?Merge pull request [#!](?P<number>\d+) from [^/\s]+/(?P<branch>\S+)",  # GitHub, Gitee
        r"Merge pull request #(?P<number>\d+) in \S+ from (?P<branch>\S+) to ",  # Bitbucket Server
        r"Merge pull request '.*' \(#(?P<number>\d+)\) from (?:[^/\s:]+[/:])?(?P<branch>\S+) into ",  # Gitea
        r"Merged in (?P<branch>\S+) \(pull request #(?P<number>\d+)\)",  # Bitbucket
        r"Merged PR (?P<number>\d+)\b",  # Azure
        r"Merge (?:remote-tracking )?branch(?:es)? '(?:(?:refs/)?remotes/)?(?:origin/|upstream/)?(?P<branch>[^'\n]+)'",
    )
)
_GITLAB_NUMBER = re.compile(r"^See merge request \S*!(\d+)", re.MULTILINE)
_OWN_REQUEST = re.compile(  # whose end it stands at, or of Azure, Bitbucket, Gitee
    r"\([#!](\d+)\)\s*$|^Merged PR (\d+)\b|^Merged in \S+ \(pull request #(\d+)\)|^!(\d+) "
)
_CONFLICTS = re.compile(r"^(?:# ?)?Conflicts?:", re.MULTILINE)


def reverted(message: str) -> tuple[str, ...]:
    """The ids of the commits that a commit takes back, as they are written."""
    return tuple(dict.fromkeys(_REVERTS.findall(message))) if "reverts" in message else ()


def marks(message: str) -> tuple[str, ...]:
    """What a subject says that its commit is, sorted: ``conventional`` (a type of the usual ones, as Conventional
    Commits writes it), ``hotfix``, ``revert`` (also where only the body says it)."""
    subject = message.partition("\n")[0]
    found = []
    if _CONVENTIONAL.match(subject):
        found.append("conventional")
    if _HOTFIX.search(subject):
        found.append("hotfix")
    if _REVERT.match(subject) or ("This reverts" in message and _REVERTS.search(message)):
        found.append("revert")
    return tuple(found)


def is_hotfix(text: str) -> bool:
    """Whether a subject or the name of a branch speaks of a hotfix."""
    return _HOTFIX.search(text) is not None


def people(message: str, author: str, mail: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who reviewed, as ``Name <address>`` where an address is told, and who else wrote it, by name; never the
    author, and no AI agent as a reviewer. Who has the author's name and another address is not taken for the author,
    nor for anybody else."""
    if "by:" not in message and "By:" not in message and "BY:" not in message:
        return (), ()
    reviewers: dict[str, None] = {}
    authors: dict[str, None] = {}
    for key, value in _TRAILER.findall(message):
        word = key.lower().replace(" ", "-")
        kept = reviewers if word in _REVIEWED else authors if word in _WROTE else None
        if kept is None or (kept is reviewers and _AGENTS.fullmatch(value)):
            continue
        name, told = _ADDRESS.sub(" ", value).strip(), _ADDRESS.search(value)
        address = told[1].strip().casefold() if told else ""
        own = address == mail.casefold() if address and mail else name == author
        if not name or own:
            continue
        kept[f"{name} <{address}>" if address and kept is reviewers else name] = None
    return tuple(reviewers), tuple(authors)


def assisted_by(message: str) -> tuple[str, ...]:
    """The AI agents that trailers name, without an address: ``Assisted-by:`` and ``Generated-by:`` are about nothing
    else; of ``Co-authored-by:`` only those whose name and address say both that they are one. What such an agent's own
    commit says is the word of whoever committed it."""
    if "by:" not in message and "By:" not in message and "BY:" not in message:
        return ()
    found: dict[str, None] = {}
    for key, value in _TRAILER.findall(message):
        word = key.lower().replace(" ", "-")
        if word in _ASSISTED or (word in _WROTE and _AGENTS.fullmatch(value)):
            name = _ADDRESS.sub(" ", value).strip()[:_LONGEST_NAME]
            if name:
                found[name] = None
    return tuple(found)


def work_items(message: str, home: str = "") -> tuple[str, ...]:
    """Tickets, issues and stories that a message names, in its order: ``ABC-12``, ``#12``, ``story=12``.

    ``home`` is the web address of the repository: issues by their address count where it begins with that. Code,
    addresses of other places, and the number of the merge request itself do not count."""
    if not (_MAYBE_NUMBER.search(message) or _MAYBE_KEY.search(message) or (home and home in message)):
        return ()
    if "`" in message or "\n    " in message or "\n\t" in message:
        message = _INLINE.sub(" ", _FENCE.sub(" ", message))
    if "://" in message:
        message = _URL.sub(lambda url: _own_issue(url[0], home), message)
    message = _REQUEST.sub(" ", message)
    found = [(match.start(), f"#{match[1]}") for match in _NUMBER.finditer(message)]
    found += [(match.start(), match[0]) for match in _KEY.finditer(message) if _is_project(match[1])]
    found += [(match.start(), f"{match[1]}={match[2]}") for match in _STORY.finditer(message)]
    return tuple(dict.fromkeys(item for _, item in sorted(found)))


def _is_project(key: str) -> bool:
    letters = key.rstrip("0123456789")
    return len(letters) > 1 and letters not in _NO_KEYS


def _own_issue(url: str, home: str) -> str:
    match = _ISSUE_OF_URL.match(url, len(home)) if home and url.startswith(home) else None
    return f" #{match[1]} " if match else " "


def merged(message: str) -> Merged:
    """The branch and the number of the request, from the message of a merge."""
    for pattern in _MERGES:
        if match := pattern.match(message):
            parts = match.groupdict(default="")
            return Merged(parts.get("branch", ""), parts.get("number") or squashed(message))
    return Merged("", squashed(message))


def squashed(message: str) -> str:
    """The number of the request that a commit names as its own; empty where it names none."""
    found = _OWN_REQUEST.search(message.partition("\n")[0]) or _GITLAB_NUMBER.search(message)
    return found[found.lastindex or 0] if found else ""


def had_conflicts(message: str) -> bool:
    return "onflict" in message and _CONFLICTS.search(message) is not None


@cache
def is_bot(author: str) -> bool:
    return _BOT.search(author) is not None
