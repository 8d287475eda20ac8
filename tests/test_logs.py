"""One line an event, whatever is in it."""

from __future__ import annotations

import errno
import io
import json
import logging
import re

from exporter import logs


def logged(style: str, message: str, **fields: object) -> str:
    stream = io.StringIO()
    logs.configure(level="info", style=style, stream=stream)
    logging.getLogger("exporter.test").warning(message, extra=fields)
    return stream.getvalue()


def test_logfmt_quotes_what_has_blanks_and_leaves_the_rest_bare() -> None:
    line = logged("logfmt", "vobiz poll failed", partner="acme", outcome="timeout", problem="took too long")
    _, rest = line.split(" ", 1)
    assert rest == 'level=warning msg="vobiz poll failed" partner=acme outcome=timeout problem="took too long"\n'


def test_a_line_break_in_a_value_cannot_forge_a_line() -> None:
    line = logged("logfmt", "x", partner='a\nlevel=error msg="forged"')
    assert line.count("\n") == 1
    assert json.loads(line.split("partner=", 1)[1]) == 'a\nlevel=error msg="forged"'


def test_json_is_one_object_a_line() -> None:
    line = logged("json", "started", partners=2, state=None)
    record = json.loads(line)
    assert line.count("\n") == 1
    assert (record["msg"], record["level"], record["partners"]) == ("started", "warning", 2)
    assert "state" not in record


def test_an_exception_is_logged_with_its_place_and_the_system_s_reason_and_not_with_what_it_says() -> None:
    exhausted = OSError(errno.EMFILE, "a secret", "a/secret")
    for error in (exhausted, ValueError("a/secret")):
        stream = io.StringIO()
        logs.configure(level="info", style="logfmt", stream=stream)
        try:
            raise error
        except type(error):
            logging.getLogger("exporter.test").exception("it failed")
        [line] = stream.getvalue().splitlines()
        assert re.search(rf'msg="it failed" error={type(error).__name__} where=test_logs\.py:[0-9]+', line)
        assert ('problem="Too many open files"' in line, "secret" in line) == (error is exhausted, False)


def test_below_the_level_nothing_is_written() -> None:
    stream = io.StringIO()
    logs.configure(level="error", style="logfmt", stream=stream)
    logging.getLogger("exporter.test").warning("quiet")
    assert stream.getvalue() == ""
