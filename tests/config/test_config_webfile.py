"""The web configuration file, read by the same reader: every problem at once, with line and path, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.config import ConfigError
from exporter.config.webfile import CIPHERS, WebFile, read_web_file

HASH = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"
TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"


def read(folder: Path, content: str) -> WebFile:
    file = folder / "web.yml"
    file.write_text(content, encoding="utf-8")
    return read_web_file(file)


def problems(folder: Path, content: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, content)
    assert HASH not in str(caught.value)
    assert "hunter2" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "").split("\n")


@pytest.mark.parametrize(
    "content", ["", "# nothing\n", "tls_server_config:\nbasic_auth_users: {}\n", "rate_limit: {}\n"]
)
def test_a_file_without_keys_turns_nothing_on(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == WebFile()
    assert WebFile().tls is None


def test_everything_that_the_toolkit_knows_is_read(tmp_path: Path) -> None:
    content = f"""\
tls_server_config:
  cert_file: server.crt
  key_file: /keys/server.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example.org]
  min_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  curve_preferences: [X25519]
  prefer_server_cipher_suites: false
http_server_config:
  http2: false
  headers:
    X-Frame-Options: deny
    Content-Security-Policy: "default-src 'self'"
basic_auth_users:
  alice: {HASH}
  7: '{HASH}'
rate_limit: {{interval: 1.5s, burst: 3}}
"""
    web = read(tmp_path, content)
    assert web.tls is not None
    assert web.tls.files() == (tmp_path / "server.crt", Path("/keys/server.key"), tmp_path / "ca.crt")
    assert (web.tls.pem("cert"), web.tls.client_allowed_sans) == (tmp_path / "server.crt", ("prometheus.example.org",))
    assert (web.tls.min_version, web.tls.max_version, web.tls.curve_preferences) == ("TLS13", "TLS13", ("X25519",))
    assert not web.tls.prefer_server_cipher_suites
    assert {*web.http.headers.given()} == {
        ("X-Frame-Options", "deny"),
        ("Content-Security-Policy", "default-src 'self'"),
    }
    assert web.users == {"alice": HASH.encode(), "7": HASH.encode()}
    assert (web.rate_limit.interval, web.rate_limit.burst) == (1.5, 3)


def test_a_key_without_a_value_is_as_good_as_none(tmp_path: Path) -> None:
    content = TLS + "  client_ca_file:\n  client_auth_type: ''\n  cipher_suites:\nhttp_server_config:\n  headers:\n"
    assert read(tmp_path, content) == read(tmp_path, TLS)


def test_nothing_is_replaced_in_a_web_file(tmp_path: Path) -> None:
    content = "http_server_config: {headers: {X-XSS-Protection: '$1 ${HOME} $$'}}"
    assert [*read(tmp_path, content).http.headers.given()] == [("X-XSS-Protection", "$1 ${HOME} $$")]


def test_hashes_and_keys_are_not_shown(tmp_path: Path) -> None:
    inline = "tls_server_config:\n  cert: PUBLIC\n  key: PRIVATE\n"
    shown = repr(read(tmp_path, f"{inline}basic_auth_users:\n  alice: {HASH}\n"))
    assert "PUBLIC" in shown
    assert "PRIVATE" not in shown
    assert HASH not in shown


def test_the_suites_have_openssls_names() -> None:
    assert len(CIPHERS) == 10
    assert CIPHERS["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"] == "ECDHE-ECDSA-CHACHA20-POLY1305"
    assert CIPHERS["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"] == "ECDHE-RSA-AES256-SHA"


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    content = TLS + "  min_versio: TLS13\nbasic_auth_users:\n  alice: hunter2\nrate_limit: {interval: 5}\n"
    assert problems(tmp_path, content) == [
        "web.yml:4: tls_server_config.min_versio: unknown key; did you mean min_version?",
        "web.yml:6: basic_auth_users.alice: not a bcrypt hash ($2y$...); make one with: htpasswd -nBC 10 NAME",
        "web.yml:7: rate_limit.interval: not a duration; write one such as 1s or 500ms",
    ]


WRONG = {
    "an unknown section": ("tls_config: {a: b}\n", "1: tls_config: unknown key; did you mean tls_server_config?"),
    "a field twice": ("rate_limit: {}\nrate_limit: {}\n", "2: rate_limit: given twice, first on line 1; keep one"),
    "a list for a mapping": ("- a\n", "1: found a list; write keys and values"),
    "text for a section": ("tls_server_config: yes\n", "1: tls_server_config: found a boolean; expected a mapping of "),
    "a list for text": (TLS + "  client_auth_type: [a]\n", "4: tls_server_config.client_auth_type: found a list; "),
    "broken YAML": ("a: [\n", "2: not valid YAML; "),
    "no key": ("tls_server_config:\n  cert_file: a\n", "1: tls_server_config.key_file: missing; give a certificate "),
    "no certificate": ("tls_server_config:\n  key_file: a\n", "1: tls_server_config.cert_file: missing; give a cert"),
    "a certificate twice": (TLS + "  cert: a\n", "4: tls_server_config.cert: given beside cert_file; keep one of them"),
    "an old version": (
        TLS + "  min_version: TLS10\n",
        "4: tls_server_config.min_version: unknown version; known here: TLS12",
    ),
    "versions the wrong way round": (
        TLS + "  min_version: TLS13\n  max_version: TLS12\n",
        "5: tls_server_config.max_version: below min_version; ",
    ),
    "an unknown client policy": (
        TLS + "  client_auth_type: Maybe\n",
        "4: tls_server_config.client_auth_type: unknown policy; known here: NoClientCert, ",
    ),
    "a policy that protects nothing": (
        TLS + "  client_auth_type: RequireAnyClientCert\n",
        "4: tls_server_config.client_auth_type: RequireAnyClientCert takes any certificate, ",
    ),
    "clients verified by nobody": (
        TLS + "  client_auth_type: RequireAndVerifyClientCert\n",
        "1: tls_server_config.client_ca_file: missing; give the authority",
    ),
    "an authority without a policy": (
        TLS + "  client_ca_file: ca.crt\n",
        "1: tls_server_config.client_auth_type: missing; client_ca_file needs RequireAndVerifyClientCert",
    ),
    "names that nobody checks": (
        TLS + "  client_allowed_sans: [a]\n",
        "4: tls_server_config.client_allowed_sans: checked by nobody; ",
    ),
    "names of nobody": (
        TLS + "  client_allowed_sans: []\n",
        "4: tls_server_config.client_allowed_sans: empty, which lets nobody in; ",
    ),
    "an insecure suite": (
        TLS + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
        "4: tls_server_config.cipher_suites[0]: unknown suite; ",
    ),
    "an unknown curve": (
        TLS + "  curve_preferences: [a]\n",
        "4: tls_server_config.curve_preferences[0]: unknown curve",
    ),
    "two curves": (TLS + "  curve_preferences: [X25519, CurveP256]\n", "4: tls_server_config.curve_preferences: more "),
    "a header of one's own": (
        "http_server_config:\n  headers:\n    X-Mine: a\n",
        "3: http_server_config.headers.X-Mine: unknown key; ",
    ),
    "a header's unknown value": (
        "http_server_config:\n  headers:\n    X-Frame-Options: allow\n",
        "3: http_server_config.headers.X-Frame-Options: unknown value; known here: deny, sameorigin",
    ),
    "a header of two lines": (
        'http_server_config:\n  headers:\n    X-XSS-Protection: "a\\r\\nb"\n',
        "3: http_server_config.headers.X-XSS-Protection: not one line of printable ASCII; ",
    ),
    "neither true nor false": ("http_server_config:\n  http2: 2\n", "2: http_server_config.http2: neither true nor "),
    "a user without a hash": ("basic_auth_users:\n  alice:\n", "2: basic_auth_users.alice: found nothing; "),
    "a hash that takes days": (
        f"basic_auth_users:\n  alice: {HASH.replace('$10$', '$31$')}\n",
        "2: basic_auth_users.alice: a bcrypt cost outside 4 to 18; ",
    ),
    "a user who cannot log in": (f'basic_auth_users:\n  "a:b": {HASH}\n', "1: basic_auth_users: a user name with a "),
    "a hash where the name belongs": (
        f"basic_auth_users: {{{HASH}: alice}}\n",
        "1: basic_auth_users.***: not a bcrypt ",
    ),
    "a hash behind a colon without a blank": (
        f"basic_auth_users: {{alice:{HASH}}}\n",
        "1: basic_auth_users.alice***: ",
    ),
    "a password taken for an alias": ("basic_auth_users:\n  alice: *hunter2\n", "2: an alias (*) to an anchor "),
    "brackets without end": ("[" * 3000, "1: nested more than 16 levels deep; "),
    "a rate without a unit": (
        "rate_limit:\n  interval: 5\n",
        "2: rate_limit.interval: not a duration; write one such ",
    ),
    "a rate that lets nobody in": ("rate_limit:\n  interval: 5s\n", "1: rate_limit.burst: 0, which refuses every "),
    "a burst that is no number": ("rate_limit:\n  burst: many\n", "2: rate_limit.burst: not a finite decimal number; "),
}


@pytest.mark.parametrize(("content", "reported"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_reported_with_its_line_and_path(tmp_path: Path, content: str, reported: str) -> None:
    [line] = problems(tmp_path, content)
    assert line.startswith(f"web.yml:{reported}")


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yml: no such file; check its path"):
        read_web_file(tmp_path / "none.yml")
