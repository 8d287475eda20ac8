"""Snapshots made by hand, and pages read back as trees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser

from exporter.api.errors import ApiError, Outcome
from exporter.api.model import Accounts, DayRow, Partner, Report, Rollup, Window
from exporter.clock import Clock, Moment
from exporter.detect.judgements import AnswerRate, Direction, Judgements, Verdict
from exporter.poll.evidence import Baseline, Recent
from exporter.poll.snapshot import Dated, Failure, Health, Snapshot, SnapshotStore
from exporter.web.http import Request
from exporter.web.status.page import status_page

NOW = Moment(wall=1782900000.0, elapsed=50_000.0)
"""2026-07-01 10:00:00 UTC."""

TODAY = date(2026, 7, 1)
STALE_AFTER = 300.0
USUAL = {
    "inbound": Baseline(answer_ratio=0.8, calls_per_day=9_600.0),
    "outbound": Baseline(answer_ratio=0.6, calls_per_day=48_000.0),
}
CLOCK = Clock(wall=lambda: NOW.wall, elapsed=lambda: NOW.elapsed)


def before(seconds: float) -> Moment:
    """So many seconds ago."""
    return Moment(wall=NOW.wall - seconds, elapsed=NOW.elapsed - seconds)


def rollup(calls: int, answered: int, minutes: int = 0) -> Rollup:
    return Rollup(calls=calls, answered_calls=answered, minutes=Decimal(minutes))


def day(back: int, inbound: Rollup, outbound: Rollup) -> DayRow:
    calls, answered = (
        (inbound.calls or 0) + (outbound.calls or 0),
        (inbound.answered_calls or 0) + (outbound.answered_calls or 0),
    )
    return DayRow(day=TODAY - timedelta(days=back), total=rollup(calls, answered), inbound=inbound, outbound=outbound)


DAYS = tuple(day(back, rollup(9_000 + back, 7_200, 300), rollup(50_000, 30_000, 400)) for back in range(31))
REPORT = Report(
    partner=Partner(auth_id="PA_TEST0001", slug="acme-slug", max_accounts=500),
    window=Window(first=TODAY - timedelta(days=30), last=TODAY),
    accounts=Accounts(total=41, active=37),
    balance=Decimal("1003058.82"),
    currency="INR",
    total=rollup(1_800_000, 1_150_000),
    days=DAYS,
)


def dashboard(report: Report = REPORT, *, age: float = 12.0) -> Dated[Report]:
    return Dated(value=report, at=before(age), expires_after=STALE_AFTER)


def readings(
    inbound: tuple[int, int], outbound: tuple[int, int], *, seconds: float = 900.0, age: float = 12.0
) -> Dated[Recent]:
    """Counters that grew by these calls and answered calls in the last ``seconds``."""
    grown = {"inbound": inbound, "outbound": outbound}
    directions = {name: Rollup(calls=calls, answered_calls=answered) for name, (calls, answered) in grown.items()}
    return Dated(value=Recent(seconds=seconds, directions=directions), at=before(age), expires_after=STALE_AFTER)


def rate(
    verdict: Verdict = Verdict.USUAL, *, calls: int = 0, answered: int = 0, since: float = 600, expected: float = 0.6
) -> AnswerRate:
    """A judged answer rate, with the score that its verdict stands for."""
    score = {Verdict.UNKNOWN: None, Verdict.SUSPICIOUS: 0.7, Verdict.DROPPED: 1.2}.get(verdict, 0.0)
    return AnswerRate(
        verdict=verdict,
        score=score,
        since=NOW.wall - since if score else None,
        calls=calls,
        answered=answered,
        expected_ratio=None if score is None else expected,
    )


def judged(
    inbound: AnswerRate | None = None,
    outbound: AnswerRate | None = None,
    *,
    products: dict[str, AnswerRate] | None = None,
    traffic: float = 0.0,
) -> Dated[Judgements]:
    """Both directions as usual, unless it is said otherwise; ``traffic`` is the outbound traffic's score."""
    judgements = Judgements(
        directions={
            "inbound": Direction(answer_rate=inbound or rate(expected=0.8), calls_per_hour_expected=400.0),
            "outbound": Direction(
                answer_rate=outbound or rate(), calls_per_hour_expected=2_000.0, traffic_drop_score=traffic
            ),
        },
        products=products or {},
    )
    return Dated(value=judgements, at=before(12), expires_after=STALE_AFTER)


DROPPED = rate(Verdict.DROPPED, calls=500, answered=100)

UP = Health(up=True, since=before(7_500), last_success=before(12))
CALM = Snapshot(
    partner="acme",
    interval=60.0,
    polls=125,
    next_poll=before(-48),
    dashboard=dashboard(),
    recent=readings((100, 82), (500, 310)),
    baselines=USUAL,
    health={"dashboard": UP, "analytics": UP},
    judgements=judged(),
)
NEVER_POLLED = Snapshot(partner="acme", interval=60.0)


def failure(outcome: str, *, since: float) -> Failure:
    """With what is to be done about this outcome in general."""
    return Failure(outcome=outcome, to_do=ApiError(Outcome(outcome), "").to_do, since=before(since))


def down(outcome: str, *, for_seconds: float = 90.0) -> Health:
    failed = failure(outcome, since=for_seconds)
    return Health(up=False, since=failed.since, last_success=before(for_seconds + 60), failure=failed)


def failing(outcome: str, snapshot: Snapshot = CALM, *, for_seconds: float = 90.0) -> Snapshot:
    """The snapshot with both endpoints down."""
    health = down(outcome, for_seconds=for_seconds)
    return replace(snapshot, health={"dashboard": health, "analytics": health})


def named(name: str, snapshot: Snapshot = CALM) -> Snapshot:
    return replace(snapshot, partner=name)


def store_of(snapshots: Sequence[Snapshot]) -> SnapshotStore:
    store = SnapshotStore()
    for snapshot in snapshots:
        store.publish(snapshot)
    return store


def page_of(*snapshots: Snapshot, query: str = "", telemetry_path: str = "/metrics", clock: Clock = CLOCK) -> str:
    """The page as the browser gets it."""
    handler = status_page(store=store_of(snapshots), clock=clock, telemetry_path=telemetry_path)
    body = handler(Request(method="GET", path="/", query=query, headers={})).body
    assert isinstance(body, bytes)
    return body.decode()


@dataclass(slots=True)
class Element:
    """One element of a page."""

    tag: str
    attributes: dict[str, str]
    content: list[Element | str] = field(default_factory=list)

    def all(self, tag: str | None = None, **attributes: str) -> Iterator[Element]:
        """The elements inside that have this tag and these attributes."""
        for child in self.content:
            if isinstance(child, Element):
                if tag in (None, child.tag) and attributes.items() <= child.attributes.items():
                    yield child
                yield from child.all(tag, **attributes)

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        (element,) = self.all(tag, **attributes)
        return element

    @property
    def text(self) -> str:
        """What stands in it, with single blanks."""
        parts = [child if isinstance(child, str) else child.text for child in self.content]
        return " ".join(" ".join(parts).split())


class _Reader(HTMLParser):
    VOID = frozenset({"meta", "link", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        assert len(element.attributes) == len(attrs), f"<{tag}> has an attribute twice"
        self.open[-1].content.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def tree(page: str) -> Element:
    """The page as a tree. Fails if an element is not ended where it should be."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never ended"
    return reader.open[0]


def tile(page: Element, name: str) -> str:
    """What the tile of this name says."""
    (found,) = [item for item in page.one("dl").all("div") if item.one("dt").text.startswith(name)]
    return " / ".join(value.text for value in found.all("dd"))


def row(page: Element, name: str) -> list[str]:
    """The cells of the row that begins so."""
    (found,) = [
        line for line in page.all("tr") if any(head.text.startswith(name) for head in line.all("th", scope="row"))
    ]
    return [cell.text for cell in found.all("td")]
