"""The forms in which a known secret can occur in a text: plain, quoted, encoded, reversed, or only a part of it."""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "***"
# Shorter values occur by chance in any text, and so do shorter parts.
_SHORTEST_SECRET = 4
_SHORTEST_DIVIDED = 12
_LONGEST_PART = 12
_SHORTEST_BLOCK = 6
# A word, words joined as keys and paths are, a number, or a piece of a digest.
_ORDINARY = re.compile(r"[a-z]{1,11}|[A-Z]{1,11}|[A-Z][a-z]{1,10}|[a-z_./-]{1,11}|v?[\d.]{1,5}|[0-9a-f]{1,4}")
_PROBE = 4
# Names and values of up to this length come up again and again.
_REMEMBERED_LENGTH, _REMEMBERED = 100, 10_000


def is_ordinary(secret: str) -> bool:
    """Whether a secret may be a word or number of any text: nothing tells it apart, and a mask would reveal it."""
    return len(secret) < _SHORTEST_SECRET or _ORDINARY.fullmatch(secret) is not None


class SecretForms:
    """Finds and masks secrets; with `disguised` also their encodings, their reverse and parts of these."""

    def __init__(self, secrets: Iterable[str], *, disguised: bool = False) -> None:
        self.disguised = disguised
        self._know(frozenset(secrets))

    def learn(self, secret: str) -> None:
        """Find and mask another secret too."""
        if secret not in self.secrets:
            self._know(self.secrets | {secret})

    def _know(self, secrets: frozenset[str]) -> None:
        self.secrets = frozenset(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET and MASK not in secret)
        self._written = sorted({form for secret in self.secrets for form in _written(secret)}, key=len, reverse=True)
        self._parts: dict[int, set[str]] = defaultdict(set)
        needles = set(self._written)
        divided = [s for s in self.secrets if self.disguised and len(s) >= _SHORTEST_DIVIDED]
        for form, length in (found for secret in divided for found in _divided(secret)):
            # A part that is letters only may be a word, such as the first of "emulator-token".
            self._parts[length].update(
                part for part in _pieces(form, length) if not (part.isalpha() and part.islower())
            )
            # Every part has one of the blocks that the form consists of; short blocks are in too many texts.
            size = (length + 1) // 2
            blocks = {form[start : start + size] for start in range(0, len(form) - size + 1, size)}
            needles |= blocks if size >= _SHORTEST_BLOCK else self._parts[length]
        self._probes = {
            length: {p for part in parts for p in _pieces(part, _PROBE)} for length, parts in self._parts.items()
        }
        self._needles = tuple(sorted(needles))
        self._needles_in_bytes = tuple(needle.encode() for needle in self._needles)
        self._remembered: dict[str, str] = {}

    def occur_in_bytes(self, content: bytes) -> bool:
        """Whether a secret occurs in bytes; most have none of its blocks, which is quickly seen."""
        found = any(needle in content for needle in self._needles_in_bytes)
        return found and self.occur_in(content.decode(errors="replace"))

    def occur_in(self, text: str) -> bool:
        """Whether a secret occurs in a text."""
        if not any(needle in text for needle in self._needles):
            return False
        return any(form in text for form in self._written) or any(self._spans(text))

    def masked(self, text: str) -> str:
        """The text with every secret masked."""
        if not self._needles:
            return text
        if len(text) > _REMEMBERED_LENGTH:
            return self._masked(text)
        shown = self._remembered.get(text)
        if shown is None:
            if len(self._remembered) == _REMEMBERED:
                self._remembered.clear()
            shown = self._remembered[text] = self._masked(text)
        return shown

    def _masked(self, text: str) -> str:
        if not any(needle in text for needle in self._needles):
            return text
        for form in self._written:
            text = text.replace(form, MASK)
        covered: list[list[int]] = []
        for start, end in sorted(self._spans(text)):
            if covered and start <= covered[-1][1]:
                covered[-1][1] = max(covered[-1][1], end)
            else:
                covered.append([start, end])
        for start, end in reversed(covered):
            text = text[:start] + MASK + text[end:]
        return text

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where parts of secrets are. Every part contains a probe, which are looked for at a distance first."""
        for length, parts in self._parts.items():
            probes = self._probes[length]
            distance = length - _PROBE + 1
            if any(text[i : i + _PROBE] in probes for i in range(0, len(text) - _PROBE + 1, distance)):
                for start in range(len(text) - length + 1):
                    if text[start : start + length] in parts:
                        yield start, start + length


def _written(secret: str) -> set[str]:
    """A secret as it is written in plain text, in URLs and in JSON."""
    return {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}


def _divided(secret: str) -> Iterator[tuple[str, int]]:
    """The disguises of a secret, each with the length from which on a part of it is masked."""
    plain = min(_LONGEST_PART, len(secret) // 2)
    raw = secret.encode()
    yield secret, plain
    yield secret[::-1], plain
    yield raw.hex(), 2 * plain
    yield raw.hex().upper(), 2 * plain
    for shift in range(3):
        # The characters that do not depend on what is encoded before and after the secret.
        encoded = base64.b64encode(bytes(shift) + raw).decode()[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
        length = max(8, min(_LONGEST_PART, len(encoded) // 2 - 3))
        yield encoded, length
        yield encoded.translate(str.maketrans("+/", "-_")), length


def _pieces(text: str, length: int) -> Iterator[str]:
    return (text[start : start + length] for start in range(len(text) - length + 1))
