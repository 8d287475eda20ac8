"""The status page as a person reads it: every state, hostile names, many partners."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files

import pytest

from exporter.api.model import Rollup, Unreadable, Wallet
from exporter.clock import Clock
from exporter.detect.judgements import Judgements, Spend, Verdict
from exporter.poll.snapshot import Dated, PastFailure, Slot, Snapshot
from exporter.web.http import Request
from exporter.web.status.page import status_page
from tests.web.status_kit import (
    CALM,
    CLOCK,
    DAYS,
    NEVER_POLLED,
    NOW,
    REPORT,
    UP,
    before,
    dashboard,
    day,
    failing,
    failure,
    judged,
    named,
    page_of,
    rate,
    readings,
    rollup,
    row,
    store_of,
    tile,
    tree,
)

HOSTILE = "<script>alert(1)</script>\"'&amp;"


def title(*snapshots: Snapshot) -> str:
    return tree(page_of(*snapshots)).one("head").one("title").text


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (CALM, "OK - Vobiz exporter"),
        (NEVER_POLLED, "NOT JUDGED YET - Vobiz exporter"),
        (failing("timeout"), "WARNING - Vobiz exporter"),
        (failing("unauthorized"), "PROBLEM - Vobiz exporter"),
    ],
)
def test_the_title_says_the_state_so_that_the_browsers_tab_shows_it(snapshot: Snapshot, expected: str) -> None:
    assert title(snapshot) == expected


def test_without_a_partner_the_page_says_that_it_is_starting() -> None:
    page = tree(page_of())
    assert page.one("h1").text == "○ Not judged yet: starting, no partner so far"


def test_a_calm_partner_is_shown_in_full() -> None:
    page = tree(page_of(CALM))
    assert "open" in page.one("details", id="p1").attributes
    assert not list(page.all("ul", **{"class": "findings"}))
    assert tile(page, "Vobiz API") == "Up / since 07:55 UTC, 2 h 5 min ago"
    assert tile(page, "Values") == "12 s old / next poll in 48 s, every 1 min"
    assert tile(page, "Answer rate, last 15 min") == "65.3% / today 63.1%"
    assert tile(page, "Balance") == "1,003,058.82 INR"
    assert tile(page, "Active accounts") == "37 / of 41; limit 500"
    assert row(page, "Answer rate, last 15 min") == ["82.0%", "62.0%"]
    assert row(page, "Answer rate today") == ["80.0%", "60.0%"]
    assert row(page, "Answer rate, usual day") == ["80.0%", "60.0%"]
    assert row(page, "Answer rate, expected now") == ["80.0%", "60.0%"]
    assert row(page, "Calls an hour, expected now") == ["400", "2,000"]
    assert row(page, "Calls, last 15 min") == ["100", "500"]
    assert row(page, "Calls today") == ["9,000", "50,000"]
    assert row(page, "Calls a day, usual") == ["9,600", "48,000"]
    assert row(page, "Minutes today") == ["300", "400"]


def test_what_is_not_known_is_called_unknown_and_never_zero() -> None:
    page = tree(page_of(NEVER_POLLED))
    assert tile(page, "Vobiz API") == "Not polled yet"
    assert tile(page, "Values") == "None yet / first poll under way"
    assert tile(page, "Balance") == "unknown"
    assert tile(page, "Active accounts") == "unknown / of unknown; limit unknown"
    for line in (
        "Answer rate today",
        "Answer rate, expected",
        "Answer rate, usual",
        "Calls today",
        "Minutes today",
        "Calls a day",
    ):
        assert row(page, line) == ["unknown", "unknown"]
    assert "The last 30 days: unknown." in page.one("main").text
    assert [drawing.attributes["class"] for drawing in page.one("main").all("svg")] == ["strip"]


def test_stale_figures_are_not_shown_and_the_page_says_since_when_there_are_none() -> None:
    page = tree(page_of(failing("timeout", replace(CALM, dashboard=dashboard(age=301)), for_seconds=250)))
    assert tile(page, "Vobiz API") == "Down / since 09:55 UTC, 4 min ago"
    assert tile(page, "Values").startswith("None since 09:54 UTC /")
    assert tile(page, "Balance") == "unknown"
    assert "1,003,058" not in page.text


def test_refused_credentials_come_with_advice() -> None:
    finding = tree(page_of(failing("unauthorized"))).one("li", **{"class": "finding problem"})
    assert finding.one("b").text.startswith("▲ Problem: The credentials do not work: dashboard and analytics")
    assert "a partner's PA_ pair, not a customer's MA_ pair" in finding.text
    assert finding.one("a").attributes["href"].endswith("/docs/runbooks/VobizAuthFailed.md")


def test_one_endpoint_that_is_down_is_named() -> None:
    health = failing("forbidden").health["analytics"]
    page = tree(page_of(replace(CALM, health={"dashboard": UP, "analytics": health})))
    assert tile(page, "Vobiz API") == "dashboard up, analytics down"


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict.DROPPED, "20.0% dropped"),
        (Verdict.SUSPICIOUS, "20.0% suspicious"),
        (Verdict.TOO_FEW_CALLS, "20.0% too few calls to tell"),
        (Verdict.UNKNOWN, "20.0% not judged yet"),
        (Verdict.USUAL, "20.0%"),
    ],
)
def test_the_verdict_stands_in_words_beside_the_answer_rate(verdict: Verdict, said: str) -> None:
    judgements = judged(outbound=rate(verdict))
    page = tree(page_of(replace(CALM, recent=readings((100, 82), (500, 100)), judgements=judgements)))
    assert row(page, "Answer rate, last 15 min") == ["82.0%", said]


def test_no_calls_in_the_last_minutes_is_no_answer_rate() -> None:
    page = tree(page_of(replace(CALM, recent=readings((0, 0), (500, 300)))))
    assert row(page, "Answer rate, last 15 min") == ["no calls", "60.0%"]
    assert row(page, "Calls, last 15 min") == ["0", "500"]


def test_a_poll_that_does_not_come_is_called_overdue() -> None:
    page = tree(page_of(replace(CALM, next_poll=before(200))))
    assert "next poll overdue for 3 min" in tile(page, "Values")


def test_failures_that_are_over_are_shown_with_advice() -> None:
    past = PastFailure(failure=failure("server_error", since=5_000), until=before(4_400))
    health = replace(UP, past=(past,))
    page = tree(page_of(replace(CALM, health={"dashboard": health, "analytics": UP})))
    assert page.one("ul", **{"class": "past"}).text == (
        "Vobiz has a fault on its side (5xx): dashboard, from 08:36 UTC for 10 min. "
        "It is tried again at the next poll. If it lasts, ask Vobiz."
    )


def test_the_drawing_has_the_same_in_words_and_as_a_table() -> None:
    page = tree(page_of(CALM))
    drawing = page.one("svg", role="img", viewbox="0 0 400 214")
    described = [
        page.one(tag, id=name)
        for tag, name in zip(("title", "desc"), drawing.attributes["aria-labelledby"].split(), strict=True)
    ]
    assert described[0].text == "Answer rate and calls by day"
    assert described[1].text == (
        "1 Jun to 1 Jul. Between 59,001 and 59,030 calls a day before today. "
        "Answer rate inbound: 79.7% to 80.0%, last 80.0%. Answer rate outbound: 60.0% to 60.0%, last 60.0%."
    )
    table = page.one("details", id="p1-days").one("table")
    assert row(table, "1 Jul") == ["9,000", "50,000", "80.0%", "60.0%", "0", "unknown"]
    assert len(list(table.one("tbody").all("tr"))) == len(DAYS)


def test_a_day_without_calls_interrupts_the_line_and_a_day_alone_is_a_point() -> None:
    quiet, unknown = rollup(0, 0), Rollup()
    first, second = rollup(10, 4), rollup(10, 5)
    days = tuple(day(back, inbound, unknown) for back, inbound in enumerate((second, quiet, second, first)))
    report = replace(REPORT, days=days, complete_days=False)
    drawing = tree(page_of(replace(CALM, dashboard=dashboard(report)))).one("svg", role="img", viewbox="0 0 400 214")
    assert [len(line.attributes["points"].split()) for line in drawing.all("polyline")] == [2]
    assert len(list(drawing.all("circle", **{"class": "inbound"}))) == 1
    assert not list(drawing.all("path", **{"class": "bar outbound"}))
    described = drawing.one("desc").text
    assert "Answer rate inbound: 40.0% to 50.0%, last 50.0%." in described
    assert "outbound" not in described


def test_what_comes_from_outside_is_text_and_never_markup() -> None:
    report = replace(REPORT, currency=HOSTILE)
    spend = Judgements(currencies={HOSTILE: Spend(spend_spike_score=3.0)})
    health = replace(UP, unreadable=(Unreadable(path=HOSTILE, problem=HOSTILE),))
    hostile = replace(
        named(HOSTILE),
        dashboard=dashboard(report),
        mismatches=Dated(value={HOSTILE: True}, at=before(5), expires_after=300),
        judgements=Dated(value=spend, at=before(5), expires_after=300),
        wallet=Dated(value=Wallet(balance=Decimal(1), currency=HOSTILE), at=before(5), expires_after=300),
        health={"dashboard": health, "analytics": UP, "me": UP},
    )
    text = page_of(hostile, named("other"), telemetry_path="/" + HOSTILE)
    page = tree(text)
    assert text.count("<script") == 1
    assert page.one("script").content == [asset("status.js")]
    section = page.one("details", id="p1")
    assert section.one("h2").text == HOSTILE
    assert tile(section, "Balance") == f"1,003,058.82 {HOSTILE}"
    assert tile(section, "Own wallet") == f"1.00 {HOSTILE}"
    assert f"Spend in {HOSTILE} is far above usual." in section.one("ul", **{"class": "findings"}).text
    assert f"Cost ({HOSTILE})" in section.one("details", id="p1-days").text
    assert page.one("nav").text == "Metrics This page as JSON Healthy Ready Documentation"


def test_nothing_of_the_configuration_is_shown_but_names_and_intervals() -> None:
    text = page_of(replace(failing("connection"), thresholds={"answer_drop_score": 1.25}))
    for hidden in ("gateway.internal", "PA_TEST0001", "acme-slug", "answer_drop_score"):
        assert hidden not in text


def test_the_page_loads_nothing_from_anywhere() -> None:
    page = tree(page_of(CALM, named("b", failing("tls"))))
    loading = [element for element in page.all() if {"src", "srcset", "data", "style"} & element.attributes.keys()]
    assert loading == []
    assert [link.attributes["href"][:19] for link in page.all("link")] == ["data:image/svg+xml,"]
    assert not re.search(r"@import|url\(|expression", asset("status.css"))
    assert not [name for element in page.all() for name in element.attributes if name.startswith("on")]


def asset(name: str) -> str:
    return files("exporter.web.status").joinpath(name).read_text(encoding="utf-8")


def answer_headers() -> dict[str, str]:
    handler = status_page(store=store_of([CALM]), clock=CLOCK, telemetry_path="/metrics")
    return dict(handler(Request(method="GET", path="/", query="", headers={})).headers)


def test_the_policy_allows_the_one_style_and_the_one_script_and_nothing_else_to_run_or_load() -> None:
    page = tree(page_of(CALM))
    digests = {}
    for tag in ("style", "script"):
        (content,) = page.one(tag).content
        assert isinstance(content, str)
        digests[tag] = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    headers = answer_headers()
    assert headers.pop("Content-Security-Policy").split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digests['style']}'",
        f"script-src 'sha256-{digests['script']}'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    assert headers == {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def test_the_page_renews_itself_by_its_script_unless_asked_not_to() -> None:
    renewing, still = tree(page_of(CALM)), tree(page_of(CALM, query="refresh=off"))
    assert [link.text for link in renewing.one("header").all("a")] == ["stop", "Reload"]
    assert [link.text for link in still.one("header").all("a")] == ["start", "Reload"]
    assert not list(still.all("script"))
    assert not list(renewing.all("meta", **{"http-equiv": "refresh"}))


def test_links_hold_where_a_proxy_serves_the_page_under_another_path() -> None:
    links = [link.attributes["href"] for link in tree(page_of(CALM, telemetry_path="/my metrics")).one("nav").all("a")]
    assert links[:4] == ["./my%20metrics", "./api/v1/status", "./-/healthy", "./-/ready"]


def test_ages_grow_from_view_to_view_without_a_new_poll() -> None:
    later = Clock(wall=lambda: NOW.wall + 20, elapsed=lambda: NOW.elapsed + 20)
    assert tile(tree(page_of(CALM, clock=later)), "Values").startswith("32 s old / next poll in 28 s")


def test_a_clock_that_is_set_back_makes_no_value_younger() -> None:
    set_back = Clock(wall=lambda: NOW.wall - 86_400, elapsed=lambda: NOW.elapsed)
    assert tile(tree(page_of(CALM, clock=set_back)), "Values").startswith("12 s old")


def test_several_partners_have_a_table_that_leads_to_each() -> None:
    page = tree(page_of(named("a"), named("b", failing("unauthorized"))))
    assert page.one("h1").text == "▲ Problem: b, 1 of 2 partners"
    table = page.one("div", id="overview").one("table")
    assert [line.one("a").attributes["href"] for line in table.all("th", scope="row")] == ["#p1", "#p2"]
    assert row(table, "b") == ["▲ Problem", "Down", "65.3%", "63.1%", "59,000", "1,003,058.82 INR", "12 s"]
    assert [section.attributes["id"] for section in page.all("details", **{"class": "card problem"})] == ["p1"]
    assert [section.attributes["id"] for section in page.all("details", **{"class": "card ok"})] == ["p2"]


@pytest.mark.parametrize(
    ("failing_ones", "headline"),
    [("ab", "▲ Problem: both partners"), ("abc", "▲ Problem: all 3 partners")],
)
def test_the_headline_counts_as_people_do(failing_ones: str, headline: str) -> None:
    page = tree(page_of(*(named(name, failing("unauthorized")) for name in failing_ones)))
    assert page.one("h1").text == headline


def test_a_hundred_partners_fit_on_one_page_with_the_worst_in_full() -> None:
    partners = [named(f"partner-{number}", failing("timeout") if number == 77 else CALM) for number in range(100)]
    text = page_of(*partners)
    assert len(text) < 800_000
    page = tree(text)
    assert len(list(page.one("div", id="overview").one("tbody").all("tr"))) == 100
    shown = [section for section in page.all("details") if "class" in section.attributes]
    assert 20 <= len(shown) <= 50
    assert shown[0].one("h2").text == "partner-77"


def test_a_negative_balance_and_an_unknown_currency_are_said_as_they_are() -> None:
    report = replace(REPORT, balance=Decimal("-1234.5"), currency=None)
    assert tile(tree(page_of(replace(CALM, dashboard=dashboard(report)))), "Balance") == (
        "-1,234.50 (currency unknown)"
    )


def test_partners_with_the_same_trouble_share_one_card_and_the_healthy_ones_are_closed() -> None:
    page = tree(
        page_of(named("a", failing("tls")), named("b", failing("tls")), named("c"), named("d", failing("timeout")))
    )
    card = page.one("section", **{"class": "card problem"})
    assert card.one("h2").text == "2 partners with the same trouble"
    assert "The same at: a, b." in card.text
    cards = {
        section.one("h2").text: section
        for section in page.all("details")
        if "card" in section.attributes.get("class", "")
    }
    assert [name for name, section in cards.items() if "open" in section.attributes] == ["d"]


def test_a_shared_card_says_only_what_holds_for_all_of_its_partners() -> None:
    drops = [(500, 100, 600), (40, 3, 1_800)]
    judgements = [judged(outbound=rate(Verdict.DROPPED, calls=n, answered=k, since=s)) for n, k, s in drops]
    snapshots = [named(name, replace(CALM, judgements=one)) for name, one in zip("ab", judgements, strict=True)]
    page = tree(page_of(*snapshots))
    card = page.one("section", **{"class": "card problem"})
    assert "Problem: The outbound answer rate has dropped. Place a test call" in card.text
    assert not re.search("[0-9] of|since|expected", card.text)
    own = [found.text for found in page.all("li", **{"class": "finding problem"})][1:]
    assert ["100 of 500 calls answered since" in own[0], "3 of 40 calls answered since" in own[1]] == [True, True]


def test_the_last_day_is_a_strip_that_shows_since_when() -> None:
    hour = 3600.0
    slots = tuple(
        Slot(start=NOW.wall - back * hour / 4, polls=15, failed=15 if back == 8 else 0, score=1.2 if back < 3 else 0.1)
        for back in range(40, -1, -1)
    )
    strip = tree(page_of(replace(CALM, slots=slots))).one("svg", **{"class": "strip"})
    assert [part.one("title").text for part in strip.all("rect")] == [
        "10:15 to 00:00 UTC: not polled, or nothing to judge by",
        "00:00 to 08:00 UTC: as usual",
        "08:00 to 08:15 UTC: a page, or no values",
        "08:15 to 09:30 UTC: as usual",
        "09:30 to 10:15 UTC: a page, or no values",
    ]
