"""Invented customers and partners. Names, addresses and numbers are made up; every host is under ``.test``."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from .chance import dice

USUAL = 41
_INACTIVE_SHARE = 4 / 41
_SUSPENDED, _POSTPAID, _THRIFTY = (20,), (3, 17), (8, 19, 30)
"""Places of customers, of each hundred, who are suspended, who pay afterwards, and who keep next to nothing."""

_KYC = {12: "pending", 25: "pending", 33: "rejected"}
"""The same places, of those who are not verified, with their status."""

_FIRST = ("Amber", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Garnet", "Harbour", "Indigo", "Juniper", "Kestrel")
_SECOND = ("Clinics", "Couriers", "Finance", "Foods", "Homes", "Learning", "Logistics", "Motors", "Retail", "Travel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One customer account of a partner; ``weight`` is its share of the traffic, 0 for one that makes no calls.

    ``enabled`` is False for a suspended one. One who is ``thrifty`` tops up for a single day.
    """

    auth_id: str
    name: str
    email: str
    phone: str
    is_active: bool
    enabled: bool
    kyc_status: str
    postpaid: bool
    thrifty: bool
    created_at: datetime
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A partner, as ``/me`` describes it."""

    number: int
    auth_id: str
    id: str
    pricing_tier: str
    created_at: datetime
    updated_at: datetime


def make_profile(*, key: tuple[object, ...], number: int, founded: date) -> Profile:
    """Return the partner with that number (from 1); ``key`` seeds what is drawn at random."""
    rng = dice(*key, "profile")
    created = datetime.combine(founded, time(8), timezone.utc)
    return Profile(
        number=number,
        auth_id=auth_id_of(number),
        id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        pricing_tier=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        created_at=created,
        updated_at=created + timedelta(days=200),
    )


def auth_id_of(number: int) -> str:
    """Return the X-Auth-ID of the partner with that number (from 1): ``PA_DEMO0001``."""
    return f"PA_DEMO{number:04d}"


def make_customers(*, key: tuple[object, ...], number: int, founded: date, count: int = USUAL) -> tuple[Customer, ...]:
    """Return the customers of the partner with that number: a few large ones, many small ones, some inactive."""
    rng = dice(*key, "customers")
    names = [f"{first} {second}" for first in _FIRST for second in _SECOND]
    rng.shuffle(names)
    first_day = datetime.combine(founded, time(9), timezone.utc)
    customers = []
    for place in range(count):
        active = place < count - round(count * _INACTIVE_SHARE)
        weight = rng.paretovariate(1.5) if active else 0.0
        enabled = not active or place % 100 not in _SUSPENDED
        name = names[place % len(names)] + (f" {place // len(names) + 1}" if place >= len(names) else "")
        customers.append(
            Customer(
                auth_id=f"MA_DEMO{number:04d}{place + 1:04d}",
                name=name,
                email=f"billing@{name.lower().replace(' ', '-')}.test",
                phone=f"+9100{number:04d}{place + 1:04d}",
                is_active=active,
                enabled=enabled,
                kyc_status=_KYC.get(place % 100, "verified"),
                postpaid=place % 100 in _POSTPAID,
                thrifty=place % 100 in _THRIFTY,
                created_at=first_day + timedelta(days=5 * place % 400),
                weight=weight if enabled else 0.0,
            )
        )
    return tuple(customers)
