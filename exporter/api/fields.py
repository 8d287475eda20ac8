"""Reading one JSON object field by field: what cannot be read is listed by its path and costs that field alone.

Values stay undecoded (``msgspec.Raw``) until they are asked for, so a section nobody reads costs next to nothing:
100,000 customers are skipped, never built.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import msgspec

from exporter.api.errors import Malformed
from exporter.api.model import Unreadable

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)

_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,30})?([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"(20|21)\d\d-\d\d-\d\d([T ].*)?", re.ASCII)
_LABEL = re.compile(r"[^\x00-\x1f\x7f]{1,100}")

LARGEST = Decimal(10) ** 15
"""Figures above this are taken for garbage; a float holds every smaller whole number exactly."""

SMALLEST_STEP = Decimal("1e-12")
"""Amounts are rounded to this, so that sums of a year of them stay exact in 28 digits."""


def decode_object(body: bytes) -> dict[str, msgspec.Raw]:
    """The fields of a body that must be a JSON object. Raises :class:`~exporter.api.errors.Malformed` if it is not."""
    try:
        return _OBJECT.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise Malformed("the answer is JSON nested too deeply to read") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Malformed("the answer is not a JSON object") from None


class Fields:
    """One object of an answer, where it stands in it, and the list that its unreadable fields go to.

    An object that is missing is listed once, by its own path; its fields are then silently absent.
    """

    def __init__(self, fields: dict[str, msgspec.Raw] | None, path: str, unreadable: list[Unreadable]) -> None:
        self._fields = {} if fields is None else fields
        self._present = fields is not None
        self._path = path
        self.unreadable = unreadable

    def __contains__(self, key: str) -> bool:
        """Whether the field is there with a value other than null."""
        raw = self._fields.get(key)
        return raw is not None and bytes(raw) != b"null"

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
        fields = None
        raw = self._get(key)
        if raw is not None:
            try:
                fields = _OBJECT.decode(raw)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                self.reject(key, "not an object")
        return Fields(fields, self.path(key), self.unreadable)

    def rows(self, key: str, most: int) -> tuple[Fields, ...] | None:
        """The objects of an array (an element that is none is listed and left out); None if there is no array."""
        raw = self._get(key)
        if raw is None:
            return None
        try:
            elements = _ARRAY.decode(raw)
        except (msgspec.MsgspecError, RecursionError):
            self.reject(key, "not an array")
            return None
        if len(elements) > most:
            self.reject(key, f"more than {most} rows; the rest is ignored")
        rows = []
        for index, element in enumerate(elements[:most]):
            try:
                rows.append(Fields(_OBJECT.decode(element), f"{self.path(key)}[{index}]", self.unreadable))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                self.reject(f"{key}[{index}]", "not an object")
        return tuple(rows)

    def count(self, key: str) -> int | None:
        """A whole number, zero or more, given as a number or a numeric string."""
        value = self.amount(key)
        if value is None:
            return None
        if value != value.to_integral_value():
            self.reject(key, "not a whole number")
            return None
        return int(value)

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
        text = _string(raw) if raw[:1] == b'"' else raw[:64].decode("ascii", "replace")
        if text is None or not _NUMBER.fullmatch(text.strip()):
            self.reject(key, "not a number")
            return None
        value = Decimal(text.strip())
        if abs(value) > LARGEST:
            self.reject(key, "too large to be true")
            return None
        return value.quantize(SMALLEST_STEP).normalize() + 0

    def text(self, key: str) -> str | None:
        """A short string without control characters."""
        raw = self._get(key)
        if raw is None:
            return None
        value = _string(raw)
        if value is None or not _LABEL.fullmatch(value):
            self.reject(key, "not a short text")
            return None
        return value

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
        """An ISO date of this or the next century; a time behind it is ignored."""
        raw = self._get(key)
        if raw is None:
            return None
        value = _string(raw)
        if value is not None and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value[:10])
            except ValueError:
                pass
        self.reject(key, "not a date")
        return None

    def _get(self, key: str) -> bytes | None:
        raw = self._fields.get(key)
        if raw is None:
            if self._present:
                self.reject(key, "missing")
            return None
        value = bytes(raw).strip()
        if value == b"null":
            self.reject(key, "null")
            return None
        return value


def _string(raw: bytes) -> str | None:
    try:
        return _TEXT.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
