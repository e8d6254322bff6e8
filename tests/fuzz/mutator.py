"""Configurations made from good ones: by damage, by mixing, and by malice."""

from __future__ import annotations

from pathlib import Path
from random import Random

MOST_BYTES = 300_000

HOME = Path(__file__).parent
SCALARS = (HOME / "scalars.txt").read_text().splitlines()
KEYS = (HOME / "keys.txt").read_text().splitlines()


class Mutator:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.seeds = [path.read_bytes() for path in sorted((HOME / "seeds").glob("*.yml"))]

    def make(self, number: int) -> bytes:
        """The input of this number; the first ones are the seeds themselves."""
        if number < len(self.seeds):
            return self.seeds[number]
        random = Random(f"{self.seed}:{number}")
        data = random.choice(self.seeds)
        for _ in range(random.choice((1, 1, 1, 1, 2, 2, 3, 6))):
            mutation = random.choices(_MUTATIONS, _WEIGHTS)[0]
            data = mutation(data, random, self.seeds)[:MOST_BYTES]
        return data


def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")


def flip_bytes(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        if changed:
            changed[random.randrange(len(changed))] = random.choice(
                (random.randrange(256), *b" \t\n:-[]{}&*!|>'\"#%@,$")
            )
    return bytes(changed)


def cut(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    start = random.randrange(len(data) + 1)
    return data[:start] + data[start + random.choice((1, 3, 20, 200, len(data))) :]


def insert_bytes(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    start = random.randrange(len(data) + 1)
    odd = (
        b"\t",
        b"\r",
        b"\r\n",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        b"---\n",
        b"...\n",
        b": ",
        b"- ",
        b"\x85",
    )
    return data[:start] + random.choice(odd) + data[start:]


def move_lines(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    lines = _lines(data)
    start = random.randrange(len(lines))
    block = lines[start : start + random.randint(1, 5)]
    if random.random() < 0.5:
        del lines[start : start + len(block)]
    place = random.randrange(len(lines) + 1)
    return b"\n".join(lines[:place] + block + lines[place:])


def indent_lines(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    lines = _lines(data)
    start = random.randrange(len(lines))
    more = random.choice((-2, -1, 1, 2, 4))
    for place in range(start, min(len(lines), start + random.randint(1, 4))):
        lines[place] = b" " * more + lines[place] if more > 0 else lines[place][-more:]
    return b"\n".join(lines)


def splice(data: bytes, random: Random, seeds: list[bytes]) -> bytes:
    """A block of another configuration, or all of it."""
    lines, other = _lines(data), _lines(random.choice(seeds))
    start, place = random.randrange(len(other)), random.randrange(len(lines) + 1)
    return b"\n".join(lines[:place] + other[start : start + random.choice((1, 3, 10, 100))] + lines[place:])


def replace_value(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    lines = _lines(data)
    place = random.randrange(len(lines))
    head, colon, _ = lines[place].partition(b": ")
    if not colon:
        head, colon, _ = lines[place].partition(b"- ")
    lines[place] = head + (colon or b": ") + _token(random)
    return b"\n".join(lines)


def replace_key(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    lines = _lines(data)
    place = random.randrange(len(lines))
    head, colon, tail = lines[place].partition(b":")
    indent = head[: len(head) - len(head.lstrip(b" -"))]
    lines[place] = indent + random.choice(KEYS).encode() + (colon or b":") + tail
    return b"\n".join(lines)


def replace_word(data: bytes, random: Random, seeds: list[bytes]) -> bytes:
    """One word of the text for another: names collide, needs form a circle, jobs extend themselves."""
    words = data.replace(b":", b" ").split()
    others = random.choice((data, random.choice(seeds))).replace(b":", b" ").split()
    if not words or not others:
        return data
    return data.replace(random.choice(words), random.choice(others), random.choice((1, 2, -1)))


def borrow_value(data: bytes, random: Random, seeds: list[bytes]) -> bytes:
    """The value that some configuration has at the same key."""
    lines = _lines(data)
    keyed = [place for place, line in enumerate(lines) if b": " in line]
    if not keyed:
        return data
    place = random.choice(keyed)
    head, _, _ = lines[place].partition(b": ")
    name = head.strip(b" -") + b": "
    others = [line for seed in seeds for line in _lines(seed) if name in line]
    if others:
        lines[place] = head + b": " + random.choice(others).partition(name)[2]
    return b"\n".join(lines)


def borrow_keyword(data: bytes, random: Random, seeds: list[bytes]) -> bytes:
    """A keyword of some job for another job."""
    lines = _lines(data)
    jobs = [place for place, line in enumerate(lines) if line[:1].isalnum() and line.endswith(b":")]
    others = [
        line for seed in seeds for line in _lines(seed) if line[:2] == b"  " and line[2:3].isalnum() and b": " in line
    ]
    if jobs:
        lines.insert(random.choice(jobs) + 1, random.choice(others))
    return b"\n".join(lines)


def borrow_job(data: bytes, random: Random, seeds: list[bytes]) -> bytes:
    """A whole job of some configuration, at the end."""
    lines = _lines(random.choice(seeds))
    starts = [place for place, line in enumerate(lines) if line[:1].isalnum() or line[:1] == b"."]
    first = random.choice(starts)
    ends = [place for place in starts if place > first]
    return data + b"\n" + b"\n".join(lines[first : ends[0] if ends else None]) + b"\n"


def _token(random: Random) -> bytes:
    kind = random.randrange(4)
    if kind == 0:
        return _malicious_value(random)
    if kind == 1:
        return f"{{{random.choice(KEYS)}: {random.choice(SCALARS)}}}".encode()
    if kind == 2:
        return f"[{', '.join(random.choice(SCALARS + KEYS) for _ in range(3))}]".encode()
    return random.choice(SCALARS).encode()


def _malicious_value(random: Random) -> bytes:
    size = random.choice((3, 11, 50, 120, 2_000))
    return random.choice(
        (
            b"[" * size + b"x" + b"]" * size,
            b"{a: " * size + b"x" + b"}" * size,
            b'"' + b"x" * size * 20 + b'"',
            b"'$A == " + b"(" * size + b"$B" + b")" * size + b"'",
            b"'" + b'$A == "b" && ' * size + b"$C'",
            b"'" + b"{a,b}" * size + b"'",
            b"'" + b"**/" * size + b"'",
            b"'" + b"*a" * size + b"b'",
            b"'$A =~ /" + b"(a?){50}" * min(size, 50) + b"/'",
            b"'" + b"$[[ inputs.name | truncate(0,5) ]]" * size + b"'",
            b"'" + b"$A$B${C}%D%" * size + b"'",
            b"9" * size * random.choice((1, 3)),
            b"0x" + b"f" * size * random.choice((1, 3)),
            str(size).encode(),
        )
    )


def alias_bomb(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    """Each level holds the one before several times over."""
    depth, width = random.choice((3, 6, 7, 9, 30)), random.choice((2, 7, 9))
    lists = random.random() < 0.5
    lines = ["b0: &b0 [x, y]" if lists else ".b0: &b0 {x: y}"]
    for level in range(1, depth):
        inner = [f"*b{level - 1}"] * width
        body = f"[{', '.join(inner)}]" if lists else "{" + ", ".join(f"k{n}: {a}" for n, a in enumerate(inner)) + "}"
        lines.append(f".b{level}: &b{level} {body}")
    lines.append(f"bomb: {{script: *b{depth - 1}, variables: *b{depth - 1}}}")
    return "\n".join(lines).encode() + b"\n" + data


def chain(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    """Jobs that extend or refer to the one before, sometimes in a circle, sometimes each twice."""
    depth = random.choice((3, 11, 12, 40, 300))
    first = random.choice(
        (
            ".c0: {script: [a]}",
            f".c0: {{extends: .c{depth - 1}}}",
            f".c0: {{script: [!reference [.c{depth - 1}, script]]}}",
        )
    )
    lines = [first]
    for level in range(1, depth):
        before = level - 1
        lines.append(
            random.choice(
                (
                    f".c{level}: {{extends: .c{before}}}",
                    f".c{level}: {{extends: [.c{before}, .c{before // 2}], variables: {{A{level}: b}}}}",
                    f".c{level}: {{script: [!reference [.c{before}, script], !reference [.c{before}, script]]}}",
                )
            )
        )
    lines.append(f"chained: {{extends: .c{depth - 1}, needs: [chained]}}")
    return data + "\n".join(lines).encode() + b"\n"


def include_many(data: bytes, random: Random, seeds: list[bytes]) -> bytes:
    """The same file many times over, perhaps with a bomb in it."""
    count = random.choice((3, 12, 60, 160))
    one = random.choice(("file: /ci/self.yml", "file: /.gitlab-ci.yml", "file: /x.yml"))
    places = ", ".join(f"{{project: group/other, ref: v{n}, {one}}}" for n in range(count))
    return (alias_bomb(data, random, seeds) if random.random() < 0.5 else data) + f"\ninclude: [{places}]\n".encode()


def huge_matrix(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    axes, width = random.choice(((2, 10), (2, 15), (3, 200), (8, 50), (40, 2), (1, 3000)))
    values = ", ".join(f"v{n}" for n in range(width))
    matrix = ", ".join(f"A{axis}: [{values}]" for axis in range(axes))
    need = random.choice(("", ", needs: [huge]", ", needs: [{job: huge, parallel: {matrix: [{" + matrix + "}]}}]"))
    return data + f"huge: {{script: x, parallel: {{matrix: [{{{matrix}}}]}}}}\nafter: {{script: x{need}}}\n".encode()


def many_jobs(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    count = random.choice((20, 60, 300))
    needs = random.choice(("", ", needs: [{}]"))
    lines = []
    for number in range(count):
        named = ", ".join(f"j{n}" for n in range(max(0, number - 51), number))
        lines.append(f"j{number}: {{script: x, stage: test{needs.format(named)}}}")
    return data + "\n".join(lines).encode() + b"\n"


def variable_bomb(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    depth = random.choice((5, 30, 60))
    lines = ["variables:", "  V0: xxxxxxxxxxxxxxxx"]
    lines += [f'  V{n}: "$V{n - 1}${{V{n - 1}}}%V{n - 1}%"' for n in range(1, depth)]
    lines.append(
        f'bomb: {{script: x, environment: "$V{depth - 1}", tags: ["$V{depth - 1}"], resource_group: "$V{depth - 1}"}}'
    )
    return data + "\n".join(lines).encode() + b"\n"


def other_encoding(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    text = data.decode(errors="replace")
    return text.encode(
        random.choice(("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "cp037")), errors="replace"
    )


def wrong_ends(data: bytes, random: Random, _seeds: list[bytes]) -> bytes:
    return data.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\n \n", b"\n\t", b" #\n")))


_FREQUENT = (flip_bytes, cut, insert_bytes, move_lines, indent_lines, splice, replace_value, replace_key, replace_word)
_SELDOM = (alias_bomb, chain, include_many, huge_matrix, many_jobs, variable_bomb, other_encoding, wrong_ends)
_SENSIBLE = (borrow_value, borrow_keyword, borrow_job)
_MUTATIONS = (*_FREQUENT, *_SENSIBLE, *_SELDOM)
_WEIGHTS = [5] * 6 + [20] * 3 + [40] * 3 + [1] * len(_SELDOM)
