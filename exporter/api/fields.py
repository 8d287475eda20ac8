"""Reading one JSON object field by field: what cannot be read is listed by its path and costs that field alone.

Values stay undecoded until they are asked for, so what nobody reads costs next to nothing and harms nothing: 100,000
customers are skipped, never built, and half a surrogate or a NaN among them goes unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import partial
from typing import TypeVar

import msgspec

from exporter.api import raw_json
from exporter.api.model import Unreadable

T = TypeVar("T")

MAX_NUMBER = Decimal(10) ** 15
"""A larger number is taken for garbage; a float holds every smaller whole number exactly."""

MIN_STEP = Decimal("1e-12")
"""Amounts are rounded to this, so that sums of a year of them stay exact in 28 digits."""

EMPTY = (None, b"null", b'""')
NONE = (*EMPTY, b"-1", b"-1.0", b'"-1"')
"""The API's words for none; a balance of -1 is a debt."""

_NUMBER = re.compile(r"[+-]?\d{1,400}(\.\d{0,400})?([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"(19[7-9]\d|2\d\d\d)-\d\d-\d\d([T ].*)?", re.ASCII)
_FRACTION = re.compile(r"\.\d+", re.ASCII)
_LABEL = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_CURRENCY = re.compile(r"[A-Za-z]{2,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fields:
    """One object of an answer, where it stands in it, and the list that its unreadable fields go to.

    An object that is missing is listed once, by its own path; its fields are then silently absent. Each reading method
    gives None for a field that is missing or unreadable.
    """

    _members: Mapping[str, msgspec.Raw] | None
    _path: str
    unreadable: list[Unreadable]
    _optional: bool = False

    @property
    def optional(self) -> Fields:
        """The same object, of whose fields those that are missing or hold a word for none are not listed."""
        return replace(self, _optional=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in the answer's order."""
        return tuple(self._members or ())

    def raw(self, key: str) -> bytes | None:
        """The JSON of the field, undecoded; None if it is missing."""
        raw = (self._members or {}).get(key)
        return None if raw is None else bytes(raw).strip()

    def states(self, key: str) -> bool:
        """Whether the field is there with a value other than null and ""."""
        return self.raw(key) not in EMPTY

    def states_any(self, key: str) -> bool:
        """The same, where an object of nothing but null and "" is none as well."""
        members = raw_json.members(self.raw(key) or b"")
        return self.states(key) and (members is None or any(bytes(value) not in EMPTY for value in members.values()))

    def reject(self, key: str, problem: str) -> None:
        """List a field as unreadable."""
        self.unreadable.append(Unreadable(path=self._place(key), problem=problem))

    def object(self, key: str) -> Fields:
        """A nested object; an absent one if it is missing or something else."""
        return Fields(self._read(key, raw_json.members, "not an object"), self._place(key), self.unreadable)

    def rows(self, key: str, limit: int) -> tuple[Fields, ...] | None:
        """The objects of an array; an element that is none is listed and left out."""
        elements = self._read(key, raw_json.elements, "not an array")
        if elements is None:
            return None
        if len(elements) > limit:
            self.reject(key, f"more than {limit} rows; the rest is ignored")
        rows = []
        for index, element in enumerate(elements[:limit]):
            members = raw_json.members(element)
            if members is None:
                self.reject(f"{key}[{index}]", "not an object")
            else:
                rows.append(Fields(members, self._place(f"{key}[{index}]"), self.unreadable))
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
        value = self._read(key, _number, "not a number")
        if value is not None and abs(value) > MAX_NUMBER:
            self.reject(key, "too large to be true")
            return None
        return None if value is None else value.quantize(MIN_STEP).normalize() + 0

    def text(self, key: str, form: re.Pattern[str] = _LABEL, problem: str = "not a short text") -> str | None:
        """A string of this form: by default a short one without control characters."""
        return self._read(key, partial(_string_like, form), problem)

    def currency(self) -> str | None:
        """The field ``currency``, a code of letters."""
        return self.text("currency", _CURRENCY, "not a currency code")

    def flag(self, key: str) -> bool | None:
        """true or false."""
        return self._read(key, {b"true": True, b"false": False}.get, "neither true nor false")

    def day(self, key: str) -> date | None:
        """An ISO date from 1970 on, as the API states it; a time and a zone behind it are ignored."""
        return self._read(key, _day, "not a date")

    def moment(self, key: str) -> datetime | None:
        """An ISO date and time, to the second, taken for UTC where it names no zone."""
        return self._read(key, _moment, "not a time")

    def _place(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _read(self, key: str, decode: Callable[[bytes], T | None], problem: str) -> T | None:
        raw = self.raw(key)
        if self._members is None or (self._optional and raw in NONE):
            return None
        if raw is None or raw == b"null":
            self.reject(key, "missing" if raw is None else "null")
            return None
        value = decode(raw)
        if value is None:
            self.reject(key, problem)
        return value


def _string_like(form: re.Pattern[str], raw: bytes) -> str | None:
    text = raw_json.string(raw)
    return text if text is not None and form.fullmatch(text) else None


def _number(raw: bytes) -> Decimal | None:
    text = raw_json.string(raw) if raw[:1] == b'"' else raw.decode("ascii", "replace")
    return Decimal(text.strip()) if text is not None and _NUMBER.fullmatch(text.strip()) else None


def _day(raw: bytes) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat((_string_like(_DATE, raw) or "")[:10])
    return None


def _moment(raw: bytes) -> datetime | None:
    with suppress(ValueError):
        moment = datetime.fromisoformat(_FRACTION.sub("", _string_like(_DATE, raw) or "").replace("Z", "+00:00"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    return None
