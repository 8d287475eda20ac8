"""The client where requests meets the network: what it sends, and to whom, in requests' own words."""

from __future__ import annotations

from datetime import date

import pytest
import requests
import responses
from responses.matchers import header_matcher, query_param_matcher

from exporter.api.errors import Outcome
from tests.api.client_kit import AUTH_ID, BALANCE, BODY, TOKEN, balance_of, client_of, failure_of

BASE = "https://vobiz.example/api/v1/partner"
CREDENTIALS = header_matcher({"X-Auth-ID": AUTH_ID, "X-Auth-Token": TOKEN, "Accept": "application/json"})


def test_the_credentials_are_headers_of_one_get_and_not_in_its_url() -> None:
    with responses.RequestsMock() as edge, client_of("vobiz.example", scheme="https") as client:
        edge.get(f"{BASE}/dashboard", body=BODY, match=[CREDENTIALS, query_param_matcher({})])
        assert balance_of(client) == BALANCE
        assert [call.request.url for call in edge.calls] == [f"{BASE}/dashboard"]


def test_a_window_is_asked_for_by_its_first_and_last_day() -> None:
    window = query_param_matcher({"from_date": "2026-01-01", "to_date": "2026-03-31"})
    with responses.RequestsMock() as edge, client_of("vobiz.example", scheme="https") as client:
        edge.get(f"{BASE}/analytics", body=BODY, match=[CREDENTIALS, window])
        client.analytics(date(2026, 1, 1), date(2026, 3, 31))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_the_credentials_go_nowhere_else(status: int) -> None:
    # An address that is not registered would be refused as a broken connection, which is another outcome.
    with responses.RequestsMock() as edge, client_of("vobiz.example", scheme="https") as client:
        edge.get(f"{BASE}/dashboard", status=status, headers={"Location": "https://elsewhere.example/"})
        assert failure_of(client.dashboard).outcome is Outcome.REDIRECT
        assert len(edge.calls) == 1


def test_what_requests_raises_is_a_broken_connection_without_its_words() -> None:
    with responses.RequestsMock() as edge, client_of("vobiz.example", scheme="https") as client:
        edge.get(f"{BASE}/dashboard", body=requests.ConnectionError(f"sent {TOKEN}"))
        failure = failure_of(client.dashboard)
    assert failure.outcome is Outcome.CONNECTION
    assert TOKEN not in str(failure)
