"""A secret in an answer, in every way in which JSON may write it."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.api.answer import redact_token

TOKEN = 'n3ver/shown\\to"anyone'
SECRETS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=40)


def written(text: str, how: str) -> str:
    return {
        "plain": json.dumps(text),
        "slashes": json.dumps(text).replace("/", "\\/"),
        "all of it": '"' + "".join(f"\\u{ord(character):04x}" for character in text) + '"',
        "capitals": '"' + "".join(f"\\u{ord(character):04X}" for character in text) + '"',
        "some of it": re.sub("[nst/]", lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False)),
    }[how]


@pytest.mark.parametrize("how", ["plain", "slashes", "all of it", "capitals", "some of it"])
def test_a_token_that_is_echoed_is_gone_however_it_is_written(how: str) -> None:
    token = "n3ver/shown-to-anyone" if how == "some of it" else TOKEN
    body = f'{{"currency": {written(token, how)}, "name": {written("x" + token + "y", how)}}}'
    assert json.loads(body)["currency"] == token
    assert json.loads(redact_token(token, body.encode())) == {"currency": "***", "name": "x***y"}


@given(secret=SECRETS, before=st.text(max_size=5), how=st.sampled_from(["plain", "slashes", "all of it", "capitals"]))
def test_any_secret_is_gone_and_the_rest_stays(secret: str, before: str, how: str) -> None:
    body = f"[{written(before, 'plain')}, {written(secret, how)}, 12.5]"
    first, second, third = json.loads(redact_token(secret, body.encode()))
    assert (first, third) == (before, 12.5)
    assert secret not in second


@given(st.text())
def test_an_answer_without_the_secret_means_the_same_as_before(text: str) -> None:
    body = json.dumps({"text": text, "escaped": "\\u0041\u0041/", "more": "\\\\u0041"})
    # an escape that is none, so that those that are get looked at
    spaced = body.replace("AA", "\\u0041A")
    assert json.loads(redact_token(TOKEN, spaced.encode())) == json.loads(spaced)


def test_a_short_one_is_no_secret() -> None:
    assert redact_token("1234567", b'{"calls": 1234567}') == b'{"calls": 1234567}'
