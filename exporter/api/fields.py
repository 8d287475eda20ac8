"""Reading one JSON object field by field: what cannot be read is listed by its path and costs that field alone.

Values stay undecoded until they are asked for, so what nobody reads costs next to nothing and harms nothing: 100,000
customers are skipped, never built, and half a surrogate, a NaN or a thousand brackets among them go unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timezone
from decimal import Decimal

import msgspec

from exporter.api.lenient import array_elements, object_members
from exporter.api.model import Unreadable

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_NUMBER = re.compile(r"[+-]?\d{1,400}(\.\d{0,400})?([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"(19[7-9]\d|2\d\d\d)-\d\d-\d\d([T ].*)?", re.ASCII)
_FRACTION = re.compile(r"\.\d+", re.ASCII)
_LABEL = re.compile(r"[^\x00-\x1f\x7f\ufffd]{1,100}")
_CURRENCY = re.compile(r"[A-Za-z]{2,8}", re.ASCII)

MAX_NUMBER = Decimal(10) ** 15
"""A larger number is taken for garbage; a float holds every smaller whole number exactly."""

MIN_STEP = Decimal("1e-12")
"""Amounts are rounded to this, so that sums of a year of them stay exact in 28 digits."""

MAX_NUMBER_LENGTH = 1000
_NONE = (b"null", b'""', b"-1", b"-1.0", b'"-1"')


class Fields:
    """One object of an answer, where it stands in it, and the list that its unreadable fields go to.

    An object that is missing is listed once, by its own path; its fields are then silently absent.
    """

    def __init__(self, fields: Mapping[str, bytes | msgspec.Raw] | None, path: str, problems: list[Unreadable]) -> None:
        self.present = fields is not None
        self._fields = {} if fields is None else fields
        self._path = path
        self.unreadable = problems

    def __contains__(self, key: str) -> bool:
        """Whether the field is there with a value other than null and ""."""
        return self.raw(key) not in (None, b"null", b'""')

    def states(self, key: str) -> bool:
        """Whether the field is there, with a value that is not one of the API's words for none: null, "" and -1."""
        return self.raw(key) not in (None, *_NONE)

    def says_none(self, key: str) -> bool:
        """Whether the field is there, with one of the API's words for none."""
        return self.raw(key) in _NONE

    def holds_anything(self, key: str) -> bool:
        """Whether the field is there, and is not an object of nothing but words for none."""
        raw = self.raw(key)
        members = None if raw is None else _members(raw)
        return key in self and (members is None or any(bytes(value) not in _NONE for value in members.values()))

    def raw(self, key: str) -> bytes | None:
        """The JSON of the field, undecoded; None if it is missing."""
        raw = self._fields.get(key)
        return None if raw is None else bytes(raw).strip()

    def names(self) -> tuple[str, ...]:
        """The names of the fields, in the answer's order."""
        return tuple(self._fields)

    def path(self, key: str) -> str:
        """The dotted path of a field in the whole answer."""
        return f"{self._path}.{key}" if self._path else key

    def reject(self, key: str, problem: str) -> None:
        """List a field as unreadable."""
        self.unreadable.append(Unreadable(path=self.path(key), problem=problem))

    def object(self, key: str) -> Fields:
        """A nested object; an absent one if it is missing or something else."""
        raw = self._get(key)
        fields = None if raw is None else _members(raw)
        if raw is not None and fields is None:
            self.reject(key, "not an object")
        return Fields(fields, self.path(key), self.unreadable)

    def object_if_any(self, key: str) -> Fields:
        """The same, where an object that is missing or null is nothing to complain of."""
        return self.object(key) if key in self else Fields(None, self.path(key), self.unreadable)

    def rows(self, key: str, limit: int) -> tuple[Fields, ...] | None:
        """The objects of an array (an element that is none is listed and left out); None if there is no array."""
        raw = self._get(key)
        if raw is None:
            return None
        elements = _elements(raw)
        if elements is None:
            self.reject(key, "not an array")
            return None
        if len(elements) > limit:
            self.reject(key, f"more than {limit} rows; the rest is ignored")
        rows = []
        for index, element in enumerate(elements[:limit]):
            fields = _members(element)
            if fields is None:
                self.reject(f"{key}[{index}]", "not an object")
            else:
                rows.append(Fields(fields, f"{self.path(key)}[{index}]", self.unreadable))
        return tuple(rows)

    def count(self, key: str) -> int | None:
        """A whole number, zero or more, given as a number or a numeric string."""
        value = self.amount(key)
        if value is not None and value != value.to_integral_value():
            self.reject(key, "not a whole number")
            return None
        return None if value is None else int(value)

    def amount(self, key: str) -> Decimal | None:
        """A number, zero or more, given as a number or a numeric string."""
        value = self.signed(key)
        if value is not None and value < 0:
            self.reject(key, "negative")
            return None
        return value

    def signed(self, key: str) -> Decimal | None:
        """A number of either sign, given as a number or a numeric string."""
        raw = self._get(key)
        if raw is None:
            return None
        text = None
        if len(raw) <= MAX_NUMBER_LENGTH:
            text = _string(raw) if raw[:1] == b'"' else raw.decode("ascii", "replace")
        if text is None or not _NUMBER.fullmatch(text.strip()):
            self.reject(key, "not a number")
            return None
        value = Decimal(text.strip())
        if abs(value) > MAX_NUMBER:
            self.reject(key, "too large to be true")
            return None
        return value.quantize(MIN_STEP).normalize() + 0

    def text(self, key: str, form: re.Pattern[str] = _LABEL, problem: str = "not a short text") -> str | None:
        """A string of this form: by default a short one without control characters."""
        raw = self._get(key)
        if raw is None:
            return None
        value = _string(raw)
        if value is None or not form.fullmatch(value):
            self.reject(key, problem)
            return None
        return value

    def currency(self) -> str | None:
        """The field ``currency``, a code of letters."""
        return self.text("currency", _CURRENCY, "not a currency code")

    def flag(self, key: str) -> bool | None:
        """true or false."""
        raw = self._get(key)
        if raw is None:
            return None
        if raw not in (b"true", b"false"):
            self.reject(key, "neither true nor false")
            return None
        return raw == b"true"

    def day(self, key: str) -> date | None:
        """An ISO date from 1970 on, as the API states it; a time and a zone behind it are ignored."""
        raw = self._get(key)
        value = None if raw is None else _string(raw)
        if value is not None and _DATE.fullmatch(value):
            with suppress(ValueError):
                return date.fromisoformat(value[:10])
        if raw is not None:
            self.reject(key, "not a date")
        return None

    def moment(self, key: str) -> datetime | None:
        """An ISO date and time, to the second, taken for UTC where it names no zone."""
        raw = self._get(key)
        value = None if raw is None else _string(raw)
        if value is not None and _DATE.fullmatch(value):
            with suppress(ValueError):
                moment = datetime.fromisoformat(_FRACTION.sub("", value).replace("Z", "+00:00"))
                return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
        if raw is not None:
            self.reject(key, "not a time")
        return None

    def _get(self, key: str) -> bytes | None:
        raw = self.raw(key)
        if raw is None:
            if self.present:
                self.reject(key, "missing")
            return None
        if raw == b"null":
            self.reject(key, "null")
            return None
        return raw


def object_fields(text: bytes) -> Fields | None:
    """The fields of a whole body, with a list of its own for the unreadable ones; None if it is no JSON object."""
    fields = _members(text)
    return None if fields is None else Fields(fields, "", [])


def _members(raw: bytes | msgspec.Raw) -> Mapping[str, bytes | msgspec.Raw] | None:
    try:
        return _OBJECT.decode(raw)
    except _NOT_JSON:
        return object_members(bytes(raw))


def _elements(raw: bytes) -> list[bytes] | list[msgspec.Raw] | None:
    try:
        return _ARRAY.decode(raw)
    except _NOT_JSON:
        return array_elements(raw)


def _string(raw: bytes) -> str | None:
    try:
        return _TEXT.decode(raw)
    except _NOT_JSON:
        return None
