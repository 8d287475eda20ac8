"""Which path answers what."""

from __future__ import annotations

import pytest

from exporter.web.http import Request, Response, application, text

APP = application(
    {"/": lambda _: text(200, "front\n")},
    actions={"/-/reload": lambda request: text(200, f"reloaded {request.query}\n")},
)


def ask(method: str, path: str) -> Response:
    return APP(Request(method=method, path=path, query="partner=acme", headers={}))


def test_a_page_answers_get_and_head_and_an_action_post_and_put() -> None:
    assert ask("GET", "/").body == ask("HEAD", "/").body == b"front\n"
    assert ask("POST", "/-/reload").body == ask("PUT", "/-/reload").body == b"reloaded partner=acme\n"


@pytest.mark.parametrize("path", ["/nothing", "/../etc/passwd", "//", "/-/Reload"])
def test_an_unknown_path_is_not_found_and_not_repeated(path: str) -> None:
    response = ask("GET", path)
    assert (response.status, response.body) == (404, b"not found; see / for what there is\n")


@pytest.mark.parametrize(("method", "path", "allowed"), [("PUT", "/", "GET, HEAD"), ("GET", "/-/reload", "POST, PUT")])
def test_another_method_is_refused_with_those_there_are(method: str, path: str, allowed: str) -> None:
    response = ask(method, path)
    assert (response.status, dict(response.headers)["Allow"]) == (405, allowed)
