"""What a tenant answers, and what of it may be shown: an allow-list, since its texts are about real people.

Shown are what the specification types as a number, a boolean, a date, an enum or an id, and the texts that the suite
itself made up. Every other value is replaced by its form: letters as x, digits as 9.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.json_values import read_json

_SHOWN_CHARACTERS = 60
_LEARNED_CHARACTERS = 20_000
_SHORTEST_WORD, _SHORTEST_NUMBER, _SHORTEST_PART = 3, 4, 4
_LONGEST_PHRASE = 4
_LONGEST_NUMBER, _SHORTEST_GROUPED = 24, 5
# Greater ones are numbers of cards and accounts.
_LARGEST_NUMBER = 10**12

_PERSONAL_NAME = re.compile(
    r"e[-_]?mail|phone|mobile|(first|middle|last|full|given|family|individual|holder)[-_]?name|personal[-_]?(id|number|code)$"
    r"|individual[-_]?tax|tax[-_]?identification[-_]?number$|birth|(?<!tem)plate|street|address"
    r"|(?<!u)uid|card(?!type|brand)|vehicle[-_]?(no|number)|\bvin$|post(al)?[-_]?code|\bzip|\bcity$|\biban|latitude"
    r"|longitude|coordinates|^(lat|lng|lon)$",
    re.IGNORECASE,
)

_FORMS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"),
    "time": re.compile(r"\d\d:\d\d(:\d\d)?"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "id": re.compile(r"\d{1,12}"),
    # A value that an enum lacks is the vendor's word as long as it is written like one.
    "enum": re.compile(r"[a-z]{1,20}([_-][a-z]{1,20}|[A-Z][a-z]{1,20}){0,5}"),
}
_ID_NAME = re.compile(r"^id$|Id$|_id$")
# Each text is read in one way only: with several, the time for a long name would have no end.
_KEY = re.compile(r"[$@_]?[a-z]{1,48}([_-][a-z]{1,24}|[A-Z][a-z]{0,24}){0,8}\d{0,2}")
#: The number that the version of an application begins with.
_VERSION_NUMBER = re.compile(r"v?(\d{1,5}(?:\.\d{1,5}){1,3})(?!\.?\d)")
_PATH_MARK = re.compile(r"\]?[.\[]")
_HEADER_NAME = re.compile(r"[A-Za-z]{1,24}\d?(-[A-Za-z0-9]{1,24}){0,6}")
_MEDIA_TYPE = r"[\w.+*-]{1,60}/[\w.+*-]{1,60}(; ?(charset=(us-)?[A-Za-z]{3,9}(-?\d{1,5}){0,2}|q=[01]?\.?\d{0,3}))?"
#: Headers of an answer that are shown, where their value has this form.
_HEADERS = {
    "content-type": re.compile(_MEDIA_TYPE),
    "content-encoding": re.compile(r"(gzip|deflate|br|zstd|identity|[, ])+"),
    "transfer-encoding": re.compile(r"(chunked|gzip|[, ])+"),
    "connection": re.compile(r"(?i)keep-alive|close"),
    "date": re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"),
    "cache-control": re.compile(r"(no-cache|no-store|private|public|must-revalidate|max-age=\d{1,9}|[, ])+"),
    "allow": re.compile(r"((GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)[, ]*)+"),
    "x-app-version": re.compile(
        rf"{_VERSION_NUMBER.pattern}([ .+-]?(\(?[0-9a-f]{{4,40}}\)?|(rc|alpha|beta|dev|build)[.\d-]{{0,9}})){{0,2}}"
        r"( \(emulator\))?|emulator"
    ),
    **dict.fromkeys(("content-length", "retry-after", "age"), re.compile(r"\d{1,12}")),
}
_RATE_LIMIT = re.compile(r"(?i)(x-)?rate-?limit[\w-]*")
_WORD = re.compile(r"[^\W_]+")
#: Keys of an error, whose words are shown when the specification uses them too.
MESSAGE_NAMES = frozenset({"message", "error", "detail"})
_SENTENCE_STARTS = frozenset(
    {"A", "An", "The", "This", "No", "Not", "Invalid", "Unauthenticated", "Forbidden", "Server"}
)


@lru_cache(10_000)
def is_personal(name: str) -> bool:
    """Whether a value under this name is about people and their things, whatever the specification says of its type."""
    return _PERSONAL_NAME.search(name) is not None


class _CharacterForms(dict[int, str]):
    """The form of each character that was asked for once."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        form = (
            "9" if character.isdigit() else ("X" if character.isupper() else "x") if character.isalpha() else character
        )
        self[code] = form
        return form


_FORM_OF_CHARACTERS = _CharacterForms()


def form_of(text: str) -> str:
    """The form of a text: letters as x or X, digits as 9, a long one cut."""
    shown = text[:_SHOWN_CHARACTERS].translate(_FORM_OF_CHARACTERS)
    return shown if len(text) <= _SHOWN_CHARACTERS else f"{shown}..."


def form_of_number(number: float) -> float:
    """The form of a number: 9 for each digit of an integer."""
    return int("9" * min(len(str(abs(number))), _SHOWN_CHARACTERS)) if isinstance(number, int) else 9.9


@dataclass(frozen=True, slots=True)
class AllowList:
    """What a specification says of the values under each name.

    `forms` are those of the table above and "number"; `enums` the documented values; `words` what the specification is
    written in, in lower case, and `segments` the literal parts of its paths.
    """

    forms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    enums: Mapping[str, frozenset[str]] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()

    def allows(self, name: str, value: Any) -> bool:
        """Whether a value under this name is shown as it is."""
        if value is None or isinstance(value, bool) or value == "":
            return True
        forms = self.forms.get(name, frozenset())
        if is_personal(name):
            return False
        if isinstance(value, int | float):
            return "number" in forms and abs(value) < _LARGEST_NUMBER
        return value in self.enums.get(name, ()) or any(
            form in _FORMS and _FORMS[form].fullmatch(value) is not None for form in forms
        )

    def below(self, name: str, key: str) -> str:
        """The name by which the value of a key is judged: below what is not documented, nothing is."""
        return key if name == "" or name in self.forms else name

    def allows_key(self, key: str) -> bool:
        """Whether the key of a JSON object is shown: a documented one, one written like one, or a path of such."""
        return key in self.forms or is_key(key) or self._is_path(key)

    def _is_path(self, key: str) -> bool:
        """Whether a key leads to a documented field, as those of errors do: `filter[status]`, `items.0.name`."""
        return all(part in self.forms or part.isdecimal() for part in _PATH_MARK.split(key.removesuffix("]")))

    def allows_header(self, name: str, value: str) -> bool:
        """Whether the value of a header of an answer is shown."""
        if _RATE_LIMIT.fullmatch(name):
            return re.fullmatch(r"\d{1,12}([,;] ?[a-z]{1,9}=\d{1,12})*", value) is not None
        form = _HEADERS.get(name.lower())
        return bool(form and form.fullmatch(value)) or _FORMS["uuid"].fullmatch(value) is not None

    def message(self, text: str) -> str:
        """The message of an error, with the words that the specification does not use as their forms."""

        def shown(match: re.Match[str]) -> str:
            word = match[0]
            is_known = word in _SENTENCE_STARTS or (word.islower() and word in self.words)
            return word if is_known else form_of(word)

        return _WORD.sub(shown, text)


def is_key(key: str) -> bool:
    """Whether the key of a JSON object is written like one that somebody has chosen: `firstName`."""
    return _KEY.fullmatch(key) is not None


def id_form(name: str) -> frozenset[str]:
    """The form that an id may have though the specification types it as text."""
    return frozenset({"id", "uuid"}) if _ID_NAME.search(name) else frozenset()


class TenantData:
    """The texts that a tenant answered during a run, so that they are masked wherever they come up again.

    `own` are texts whose words the suite uses itself, such as the name of the target; `known` are the tenant's from the
    beginning.
    """

    def __init__(self, allow: AllowList | None = None, *, own: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        self.allow = allow or AllowList()
        #: Grows whenever a text may be masked otherwise than before.
        self.revision = 0
        self._own = set(own)
        #: The address of a target may be numbers: 127.0.0.1:8080.
        self._shown_phrases = tuple(text.casefold() for text in self._own)
        self._shown_words = self.allow.words.union(
            word.casefold() for text in self._own for word in _WORD.findall(text)
        )
        self._answered: set[str] = set()
        self._words: set[str] = set()
        #: Texts of which no word is long enough to be masked by itself, such as the plate AB 12 345.
        self._phrases: set[str] = set()
        for text in known:
            self.learn(text)

    def observe(self, exchange: Exchange) -> None:
        """Learn from an exchange what the suite made up and what the tenant answered."""
        self._own |= {text for text in _sent_texts(exchange) if text not in self._answered}
        self.revision += 1
        for _, text in self.hidden_in(exchange):
            self.learn(text)

    def hidden_in(self, exchange: Exchange) -> Iterator[tuple[str, str]]:
        """The texts of an answer that are not shown, with the names they are under."""
        response = exchange.response
        if response is None:
            return
        yield from ((name, value) for name, value in response.headers if not self.shows_header(name, value))
        yield "", response.reason
        try:
            content = read_json(response.body or b"null")
        except ValueError:
            yield "", response.body.decode("utf-8", "replace")
            return
        yield from self._hidden(content, "")

    def learn(self, text: str) -> None:
        """Mask this text from now on."""
        if text in self._answered or text in self._own or self.allow.allows("", text):
            return
        self._answered.add(text)
        self.revision += 1
        for word in set(_WORD.findall(text[:_LEARNED_CHARACTERS])):
            shortest = _SHORTEST_NUMBER if word.isdigit() else _SHORTEST_WORD
            parts = {word} if len(word) >= shortest else set()
            if len(word) > _SHORTEST_PART + 1 and len(word) <= _SHOWN_CHARACTERS:
                # A message may cut a value anywhere.
                parts |= {word[:end] for end in range(_SHORTEST_PART, len(word))}
                parts |= {word[start:] for start in range(1, len(word) - _SHORTEST_PART + 1)}
            self._words |= {part.casefold() for part in parts} - self._shown_words
        words = list(_WORD.finditer(text[:_LEARNED_CHARACTERS]))
        for count in range(2, _LONGEST_PHRASE + 1):
            for first, last in zip(words, words[count - 1 :], strict=False):
                phrase = text[first.start() : last.end()].casefold()
                is_shown = any(phrase in shown for shown in self._shown_phrases)
                if not is_shown and (count == len(words) or _is_number(text[first.start() : last.end()])):
                    self._phrases.add(phrase)

    def show(self, text: str) -> None:
        """Show the words of a text of the suite's own, such as the id of a check, whatever the tenant has answered."""
        words = {word.casefold() for word in _WORD.findall(text)}
        self._shown_words |= words
        self._words -= words
        self.revision += 1

    def has_answered(self, text: str) -> bool:
        """Whether the tenant has answered exactly this text, and the suite did not make it up."""
        return text in self._answered

    def shows(self, name: str, value: Any) -> bool:
        """Whether a value that the tenant answered is shown as it is."""
        return self.allow.allows(name, value) or (isinstance(value, str) and value in self._own)

    def shows_header(self, name: str, value: str) -> bool:
        """Whether the value of a header that the tenant answered is shown as it is."""
        return self.allow.allows_header(name, value) or value in self._own

    def key(self, key: str) -> str:
        """The key of a JSON object, as it is or its form."""
        return key if self.allow.allows_key(key) or key in self._own else form_of(key)

    def words(self, text: str) -> str:
        """Any text, with the words that the tenant has answered as their forms."""
        if not self._words:
            return text
        text = self._without_phrases(text)
        return _WORD.sub(lambda match: form_of(match[0]) if match[0].casefold() in self._words else match[0], text)

    def _without_phrases(self, text: str) -> str:
        words = list(_WORD.finditer(text)) if self._phrases and not text.isalpha() else []
        for count in range(_LONGEST_PHRASE, 1, -1):
            for first, last in zip(words, words[count - 1 :], strict=False):
                phrase = text[first.start() : last.end()]
                if phrase.casefold() in self._phrases:
                    text = text[: first.start()] + form_of(phrase) + text[last.end() :]
        return text

    def _hidden(self, value: Any, name: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for key, item in value.items():
                if self.key(key) != key:
                    yield "", key
                yield from self._hidden(item, self.allow.below(name, key))
        elif isinstance(value, list):
            for item in value:
                yield from self._hidden(item, name)
        elif not self.shows(name, value):
            yield name, str(value)


def _is_number(phrase: str) -> bool:
    """Whether words within a sentence are a number written in groups, such as that of a plate or a phone."""
    digits = sum(character.isdigit() for character in phrase)
    has_letters = any(word.isalpha() and word.isupper() for word in _WORD.findall(phrase))
    return len(phrase) <= _LONGEST_NUMBER and digits >= (2 if has_letters else _SHORTEST_GROUPED)


def shown_version(text: str) -> str:
    """The version of an application that a tenant says it has, as it is; of other words than its number the form."""
    if _HEADERS["x-app-version"].fullmatch(text):
        return text
    number = _VERSION_NUMBER.match(text)
    return number[0] + form_of(text[number.end() :]) if number else form_of(text)


def version_number(text: str) -> str | None:
    """The number that the version of an application begins with, such as 3.225.1; None when it begins with none."""
    number = _VERSION_NUMBER.match(text)
    return number[1] if number else None


def header_name(name: str) -> str:
    """The name of a header, as it is or its form."""
    return name if _HEADER_NAME.fullmatch(name) else form_of(name)


def _sent_texts(exchange: Exchange) -> Iterator[str]:
    request = exchange.request
    yield from (value for _, value in parse_qsl(urlsplit(request.url).query))
    try:
        yield from _texts(read_json(request.body or b"null"))
    except ValueError:
        return


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
