"""Who is refused, and why."""

from __future__ import annotations

import pytest

from .conftest import Demo


@pytest.mark.parametrize("path", ["/dashboard", "/analytics", "/me", "/accounts"])
def test_missing_or_wrong_credentials_are_answered_401(demo: Demo, path: str) -> None:
    world = demo(partners=2)
    (first, token), (second, other) = world.server.partners
    assert (first, second) == ("PA_DEMO0001", "PA_DEMO0002")
    wrong = [{}, {"X-Auth-ID": first}, {"X-Auth-Token": token}, {"X-Auth-ID": first, "X-Auth-Token": other}]
    wrong += [{"X-Auth-ID": "MA_DEMO00010001", "X-Auth-Token": token}, {"X-Auth-ID": first, "X-Auth-Token": "\xff"}]
    assert [world.ask(path, headers=headers).status for headers in wrong] == [401] * len(wrong)
    assert world.ask(path, headers={"X-Auth-ID": second, "X-Auth-Token": other}).status == 200


@pytest.mark.parametrize("path", ["/partner/v1/dashboard", "/api/v1/partner/nope", "/api/v1/partner", "/_demo/x", "/x"])
def test_an_unknown_path_is_answered_404(demo: Demo, path: str) -> None:
    assert demo().send("GET", path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_anything_but_get_is_answered_405(demo: Demo, method: str) -> None:
    answer = demo().send(method, "/api/v1/partner/dashboard")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize(
    "query",
    [
        "from_date=yesterday",
        "to_date=2026-02-30",
        "from_date=20260701",
        "from_date=",
        "from_date=2026-07-02&to_date=2026-07-01",
        "to_date=0000-01-01",
    ],
)
def test_a_bad_date_is_answered_422_with_the_reason(demo: Demo, query: str) -> None:
    answer = demo().ask(f"/analytics?{query}")
    assert answer.status == 422
    assert "_date" in answer.json["error"]


@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=-1", "per_page=1001"])
def test_a_bad_page_is_answered_422(demo: Demo, query: str) -> None:
    assert demo().ask(f"/accounts?{query}").status == 422


def test_several_requests_share_one_connection(demo: Demo) -> None:
    world = demo()
    connection = world.connect()
    try:
        for path in ("/dashboard", "/nope", "/me"):
            connection.request("GET", "/api/v1/partner" + path, headers=world.headers)
            reply = connection.getresponse()
            assert reply.read()
            assert not reply.will_close
    finally:
        connection.close()
