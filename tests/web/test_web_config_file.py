"""The web configuration file: what it may say, and the error when it says something else."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from exporter.web.config_file import WebConfig, read_web_config
from exporter.web.http import WebServerError

from .conftest import WriteConfig

HASH = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"
TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"


def test_an_empty_file_asks_for_nothing(write_config: WriteConfig) -> None:
    assert read_web_config(write_config("# nothing yet\n")) == WebConfig()


def test_everything_in_the_file_is_read(write_config: WriteConfig) -> None:
    file = write_config(
        TLS
        + """\
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: /etc/ca.crt
  min_version: TLS12
  max_version: TLS12
  cipher_suites:
    - TLS_AES_128_GCM_SHA256
    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
  prefer_server_cipher_suites: false
http_server_config:
  http2: false
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: deny
    X-XSS-Protection: ""
"""
        + f"basic_auth_users:\n  alice: {HASH}\n  7: '{HASH}'\n"
    )
    config = read_web_config(file)
    assert config.http_server_config.headers == {
        "Strict-Transport-Security": "max-age=31536000",
        "X-Frame-Options": "deny",
    }
    assert config.basic_auth_users == {"alice": HASH.encode(), "7": HASH.encode()}
    tls = config.tls_server_config
    assert tls is not None
    assert tuple(config.files()) == (file.parent / "server.crt", file.parent / "server.key", Path("/etc/ca.crt"))
    assert tls.verify_clients is ssl.CERT_REQUIRED
    assert (tls.min_version, tls.max_version) == ("TLS12", "TLS12")
    openssl = ("TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305")
    assert tls.cipher_suites == openssl


def test_a_key_without_a_value_is_as_good_as_none(write_config: WriteConfig) -> None:
    empty = "  client_ca_file:\n  client_auth_type: ''\n  cipher_suites:\nhttp_server_config:\n  headers:\n"
    assert read_web_config(write_config(TLS + empty)) == read_web_config(write_config(TLS))
    assert read_web_config(write_config("http_server_config: {}\n")) == WebConfig()


@pytest.mark.parametrize("nothing", ["", " {}", " ''"])
def test_a_protection_without_a_value_is_none_and_a_warning(write_config: WriteConfig, nothing: str) -> None:
    file = write_config(f"tls_server_config:{nothing}\nbasic_auth_users: {{}}\n")
    config = read_web_config(file)
    assert not config.protections()
    assert config.warnings == (
        f"{file}: basic_auth_users: empty, and protects nothing; fill it in, or remove it",
        f"{file}: tls_server_config: empty, and protects nothing; fill it in, or remove it",
    )


def test_a_protection_in_force_is_no_warning(write_config: WriteConfig) -> None:
    assert read_web_config(write_config(TLS + f"basic_auth_users: {{alice: {HASH}}}\n")).warnings == ()


def test_nothing_is_replaced_in_a_web_file(write_config: WriteConfig) -> None:
    file = write_config("http_server_config: {headers: {X-XSS-Protection: '$1 ${HOME} $$'}}")
    assert read_web_config(file).http_server_config.headers == {"X-XSS-Protection": "$1 ${HOME} $$"}


def test_hashes_are_not_shown(write_config: WriteConfig) -> None:
    shown = repr(read_web_config(write_config(TLS + f"basic_auth_users:\n  alice: {HASH}\n")))
    assert "server.crt" in shown
    assert HASH not in shown


def test_all_problems_are_reported_at_once(write_config: WriteConfig) -> None:
    content = TLS + "  min_versio: TLS13\nbasic_auth_users:\n  alice: hunter2\nhttp_server_config: {http2: 2}\n"
    file = write_config(content)
    with pytest.raises(WebServerError) as caught:
        read_web_config(file)
    assert str(caught.value).replace(str(file), "web.yml").split("\n") == [
        "web.yml:4: tls_server_config.min_versio: unknown key; did you mean min_version?",
        "web.yml:6: basic_auth_users.alice: not a bcrypt hash ($2y$...) with a cost of 4 to 18; "
        "make one with: htpasswd -nBC 10 NAME",
        "web.yml:7: http_server_config.http2: neither true nor false; write true or false",
    ]


WRONG = {
    "an unknown section": ("tls_config: {a: b}\n", "1: tls_config: unknown key; did you mean tls_server_config?"),
    "an unknown field": (
        TLS + "  cert_fle: a\n",
        "4: tls_server_config.cert_fle: unknown key; did you mean cert_file?",
    ),
    "a field twice": (
        "http_server_config:\nhttp_server_config:\n",
        "2: http_server_config: given twice, first on line 1; keep one",
    ),
    "a list for a mapping": ("- a\n", "1: found a list; write keys and values"),
    "text for a section": ("tls_server_config: yes\n", "1: tls_server_config: found a boolean; expected a mapping of "),
    "a list for text": (TLS + "  client_auth_type: [a]\n", "4: tls_server_config.client_auth_type: found a list; "),
    "broken YAML": ("a: [\n", "2: not valid YAML (expected the node content, but found '<stream end>'); check "),
    "no key": ("tls_server_config:\n  cert_file: a\n", "1: tls_server_config.key_file: missing; give a certificate "),
    "no certificate": ("tls_server_config:\n  key_file: a\n", "1: tls_server_config.cert_file: missing; give a cert"),
    "a certificate in the file itself": (
        "tls_server_config: {cert: hunter2, key_file: a}\n",
        "1: tls_server_config.cert: unknown key; write it to a file, and name that in cert_file",
    ),
    "a key in the file itself": (
        "tls_server_config: {cert_file: a, key: hunter2}\n",
        "1: tls_server_config.key: unknown key; write it to a file, and name that in key_file",
    ),
    "a rate limit": (
        "rate_limit: {interval: 5s, burst: 1}\n",
        "1: rate_limit: unknown key; it is not supported: remove it, a proxy in front of ",
    ),
    "names of clients": (
        TLS + "  client_allowed_sans: [a]\n",
        "4: tls_server_config.client_allowed_sans: unknown key; it is not supported: name a client_ca_file for these ",
    ),
    "a curve": (
        TLS + "  curve_preferences: [X25519]\n",
        "4: tls_server_config.curve_preferences: unknown key; it is not supported: remove it, ",
    ),
    "an old version": (
        TLS + "  min_version: TLS10\n",
        "4: tls_server_config.min_version: unknown version; known here: TLS12, TLS13",
    ),
    "versions the wrong way round": (
        TLS + "  min_version: TLS13\n  max_version: TLS12\n",
        "5: tls_server_config.max_version: below min_version; ",
    ),
    "an unknown client policy": (
        TLS + "  client_auth_type: Maybe\n",
        "4: tls_server_config.client_auth_type: unknown policy; known here: NoClientCert, RequestClientCert, VerifyCli",
    ),
    "a policy that protects nothing": (
        TLS + "  client_auth_type: RequireAnyClientCert\n",
        "4: tls_server_config.client_auth_type: unknown policy; did you mean RequireAndVerifyClientCert?",
    ),
    "clients verified by nobody": (
        TLS + "  client_auth_type: RequireAndVerifyClientCert\n",
        "1: tls_server_config.client_ca_file: missing; give the authority",
    ),
    "an authority without a policy": (
        TLS + "  client_ca_file: ca.crt\n",
        "1: tls_server_config.client_auth_type: missing; client_ca_file needs RequireAndVerifyClientCert",
    ),
    "no suite": (TLS + "  cipher_suites: [NULL]\n", "4: tls_server_config.cipher_suites[0]: found nothing; "),
    "an insecure suite": (
        TLS + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
        "4: tls_server_config.cipher_suites[0]: unknown, or not secure enough for Python's ssl; leave it out",
    ),
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
    "a password in the open": (
        "basic_auth_users:\n  alice: hunter2\n",
        "2: basic_auth_users.alice: not a bcrypt hash ($2y$...) with a cost of 4 to 18; make one with: htpasswd -nBC",
    ),
    "a user without a hash": ("basic_auth_users:\n  alice:\n", "2: basic_auth_users.alice: found nothing; "),
    "a hash that takes days": (
        f"basic_auth_users:\n  alice: {HASH.replace('$10$', '$31$')}\n",
        "2: basic_auth_users.alice: not a bcrypt hash ($2y$...) with a cost of 4 to 18; ",
    ),
    "a hash where the name belongs": (
        f"basic_auth_users: {{{HASH}: alice}}\n",
        "1: basic_auth_users.***: not a bcrypt ",
    ),
    "a hash behind a colon without a blank": (
        f"basic_auth_users: {{alice:{HASH}}}\n",
        "1: basic_auth_users.alice***: ",
    ),
    "a password taken for an alias": ("basic_auth_users:\n  alice: *hunter2\n", "2: not valid YAML (found undefined "),
    "a character that does not exist": (
        'http_server_config: {http2: "\\UFFFFFFFF"}\n',
        "1: not valid YAML; check the \\ escapes in double quotes",
    ),
    "brackets without end": ("[" * 1000, " the file is nested too deeply; "),
    "far too much": ("#" * (1024 * 1024 + 1), " the file is larger than 1024 KiB; check that it is the right one"),
}


@pytest.mark.parametrize(("text", "reported"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_reported_with_its_line_and_path(write_config: WriteConfig, text: str, reported: str) -> None:
    file = write_config(text)
    with pytest.raises(WebServerError) as caught:
        read_web_config(file)
    message = str(caught.value)
    assert message.startswith(f"{file}:{reported}")
    assert "\n" not in message
    assert "hunter2" not in message
    assert HASH not in message


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(WebServerError, match=r"none\.yml: the file cannot be read \(No such file or directory\); "):
        read_web_config(tmp_path / "none.yml")


def test_a_file_that_is_not_text_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "web.yml"
    file.write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(WebServerError, match=r"web\.yml:1: the file is not UTF-8 text; save it as UTF-8"):
        read_web_config(file)
