"""Which path answers what."""

from __future__ import annotations

from exporter.web.app import Route, application, text
from exporter.web.http import Request, Response

APP = application(
    {
        "/": Route(handlers={"GET": lambda _: text(200, "front\n")}),
        "/-/reload": Route(handlers={"POST": lambda _: text(200, "reloaded\n")}),
    }
)


def ask(method: str, path: str) -> Response:
    return APP(Request(method=method, path=path, query="", headers={}))


def test_a_known_path_is_answered_and_head_like_get() -> None:
    assert ask("GET", "/").body == ask("HEAD", "/").body == b"front\n"


def test_an_unknown_path_is_not_found_and_not_repeated() -> None:
    for path in ("/nothing", "/../etc/passwd", "//", "/-/Reload"):
        response = ask("GET", path)
        assert response.status == 404
        assert response.body == b"not found; see / for what there is\n"


def test_another_method_is_told_which_ones_there_are() -> None:
    assert dict(ask("PUT", "/").headers)["Allow"] == "GET, HEAD"
    assert ask("PUT", "/").status == 405
    assert dict(ask("GET", "/-/reload").headers)["Allow"] == "POST"
