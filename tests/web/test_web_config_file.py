"""The web configuration file: what it may say, and the error when it says something else."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from exporter.web import WebConfig, WebConfigError, read_web_config
from exporter.web.config_file import RateLimit

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
  client_allowed_sans: [prometheus.example, 127.0.0.1]
  min_version: TLS12
  max_version: TLS12
  cipher_suites:
    - TLS_AES_128_GCM_SHA256
    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
  curve_preferences: [CurveP256]
  prefer_server_cipher_suites: false
http_server_config:
  http2: false
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: deny
    X-XSS-Protection: ""
rate_limit:
  interval: 1m0.5s
  burst: 20
"""
        + f"basic_auth_users:\n  alice: {HASH}\n  7: '{HASH}'\n"
    )
    config = read_web_config(file)
    assert config.headers == (("Strict-Transport-Security", "max-age=31536000"), ("X-Frame-Options", "deny"))
    assert config.users == {"alice": HASH.encode(), "7": HASH.encode()}
    assert config.rate_limit == RateLimit(interval=60.5, burst=20)
    assert config.tls is not None
    assert config.tls.files() == (file.parent / "server.crt", file.parent / "server.key", Path("/etc/ca.crt"))
    assert config.tls.verify_clients is ssl.CERT_REQUIRED
    assert config.tls.client_allowed_sans == ("prometheus.example", "127.0.0.1")
    assert (config.tls.min_version, config.tls.max_version) == ("TLS12", "TLS12")
    assert config.tls.ciphers == ("ECDHE-RSA-AES128-GCM-SHA256",)
    assert config.tls.curve == "prime256v1"
    assert not config.tls.prefer_server_ciphers


def test_hashes_and_keys_are_not_shown(write_config: WriteConfig) -> None:
    inline = "tls_server_config:\n  cert: PUBLIC\n  key: PRIVATE\n"
    shown = repr(read_web_config(write_config(inline + f"basic_auth_users:\n  alice: {HASH}\n")))
    assert "PRIVATE" not in shown
    assert HASH not in shown


WRONG = {
    "an unknown section": ("tls_config: {}\n", "1: tls_config is not known here; did you mean tls_server_config?"),
    "an unknown field": (
        "tls_server_config:\n  cert_fle: a\n",
        "2: tls_server_config.cert_fle is not known here; did you mean cert_file?",
    ),
    "a field twice": ("rate_limit: {}\nrate_limit: {}\n", "2: rate_limit is there twice; remove one"),
    "a list for a mapping": ("- a\n", "1: must be a mapping, with sections such as tls_server_config"),
    "text for a section": ("tls_server_config: yes\n", "1: tls_server_config must be a mapping of names to values"),
    "a list for text": (
        "tls_server_config:\n  cert_file: [a]\n",
        "2: tls_server_config.cert_file must be a single value",
    ),
    "broken YAML": ("a: [\n", "2: is not YAML: expected the node content, but found '<stream end>'"),
    "no key": ("tls_server_config:\n  cert_file: a\n", "1: tls_server_config.key_file is missing; TLS needs a certifi"),
    "no certificate": ("tls_server_config:\n  key_file: a\n", "1: tls_server_config.cert_file is missing; TLS needs"),
    "a certificate twice": (TLS + "  cert: a\n", "4: tls_server_config.cert and cert_file are both there; keep one"),
    "an old version": (TLS + "  min_version: TLS10\n", "4: tls_server_config.min_version must be one of TLS12, TLS13"),
    "versions the wrong way round": (
        TLS + "  min_version: TLS13\n  max_version: TLS12\n",
        "5: tls_server_config.max_version is below min_version",
    ),
    "an unknown client policy": (
        TLS + "  client_auth_type: Maybe\n",
        "4: tls_server_config.client_auth_type must be one of NoClientCert,",
    ),
    "a policy that protects nothing": (
        TLS + "  client_auth_type: RequireAnyClientCert\n",
        "4: tls_server_config.client_auth_type RequireAnyClientCert takes any certificate, self-made ones",
    ),
    "clients verified by nobody": (
        TLS + "  client_auth_type: RequireAndVerifyClientCert\n",
        "1: tls_server_config.client_ca_file is missing; RequireAndVerifyClientCert needs the authority",
    ),
    "an authority without a policy": (
        TLS + "  client_ca_file: ca.crt\n",
        "1: tls_server_config.client_auth_type is missing; client_ca_file needs RequireAndVerifyClientCert",
    ),
    "names that nobody checks": (
        TLS + "  client_allowed_sans: [a]\n",
        "4: tls_server_config.client_allowed_sans needs client_auth_type: RequireAndVerifyClientCert",
    ),
    "an unknown suite": (
        TLS + "  cipher_suites: [NULL]\n",
        "4: tls_server_config.cipher_suites must be a single value",
    ),
    "an insecure suite": (
        TLS + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
        "4: tls_server_config.cipher_suites has an unknown or insecure suite; known are TLS_ECDHE_",
    ),
    "an unknown curve": (
        TLS + "  curve_preferences: [CurveP192]\n",
        "4: tls_server_config.curve_preferences has an unknown curve; known are CurveP256, CurveP384,",
    ),
    "two curves": (
        TLS + "  curve_preferences: [X25519, CurveP256]\n",
        "4: tls_server_config.curve_preferences must name one curve",
    ),
    "a header of one's own": (
        "http_server_config:\n  headers:\n    X-Mine: a\n",
        "3: http_server_config.headers.X-Mine is not known here; did you mean",
    ),
    "a header's unknown value": (
        "http_server_config:\n  headers:\n    X-Frame-Options: allow\n",
        "3: http_server_config.headers.X-Frame-Options must be one of deny, sameorigin",
    ),
    "a header of two lines": (
        'http_server_config:\n  headers:\n    X-XSS-Protection: "a\\r\\nb"\n',
        "3: http_server_config.headers.X-XSS-Protection must be one line of printable ASCII",
    ),
    "neither true nor false": (
        "http_server_config:\n  http2: 2\n",
        "2: http_server_config.http2 must be true or false",
    ),
    "a password in the open": (
        "basic_auth_users:\n  alice: hunter2\n",
        "2: basic_auth_users.alice must be a bcrypt hash ($2y$...); make one with: htpasswd -nBC 10 NAME",
    ),
    "a user without a hash": ("basic_auth_users:\n  alice:\n", "2: basic_auth_users.alice must be a bcrypt hash"),
    "a hash that takes days": (
        f"basic_auth_users:\n  alice: {HASH.replace('$10$', '$31$')}\n",
        "2: basic_auth_users.alice has a bcrypt cost outside 4 to 18; 10 is usual",
    ),
    "a user who cannot log in": (
        f'basic_auth_users:\n  "a:b": {HASH}\n',
        "2: basic_auth_users.a... cannot log in: a user name has no colon",
    ),
    "a hash where the name belongs": (
        f"basic_auth_users: {{{HASH}: alice}}\n",
        "1: basic_auth_users.... must be a bcrypt hash",
    ),
    "a hash behind a colon without a blank": (
        f"basic_auth_users: {{alice:{HASH}}}\n",
        "1: basic_auth_users.alice... must be a bcrypt hash",
    ),
    "a password taken for an alias": (
        "basic_auth_users:\n  alice: *hunter2\n",
        "2: is not YAML: found undefined alias",
    ),
    "a character that does not exist": (
        'rate_limit: {interval: "\\UFFFFFFFF"}\n',
        " is not YAML: check the \\ escapes in double quotes",
    ),
    "brackets without end": ("[" * 3000, " is not YAML: it is nested too deeply"),
    "far too much": ("#" * (1024 * 1024 + 1), " is larger than 1 MiB; check that it is the right file"),
    "a rate without a unit": (
        "rate_limit:\n  interval: 5\n  burst: 1\n",
        "2: rate_limit.interval must be a duration such as 1s or 500ms",
    ),
    "a rate that lets nobody in": (
        "rate_limit:\n  interval: 5s\n",
        "1: rate_limit.burst must be 1 or more, or every request is refused",
    ),
    "a burst that is no number": ("rate_limit:\n  burst: many\n", "2: rate_limit.burst must be a whole number"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_reported_with_its_line_and_field(write_config: WriteConfig, text: str, message: str) -> None:
    file = write_config(text)
    with pytest.raises(WebConfigError) as caught:
        read_web_config(file)
    reported = str(caught.value)
    assert reported.startswith(f"{file}:{message}")
    assert "\n" not in reported
    assert "hunter2" not in reported
    assert HASH not in reported


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(WebConfigError, match=r"none\.yml: cannot be read \(No such file or directory\); check --web"):
        read_web_config(tmp_path / "none.yml")


def test_a_file_that_is_not_text_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "web.yml"
    file.write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(WebConfigError, match="is not YAML: it holds bytes that are not text"):
        read_web_config(file)
