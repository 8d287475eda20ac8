"""The web configuration file: a WebConfig, or one line for each problem."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from exporter.web.config_file import read_web_config
from exporter.web.http import Response, WebServerError
from tests.fuzz.target import Target, split

HASH = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"
KEY = "MC4CAQ/K2Vw+7Qx="

_WHOLE = f"""\
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: /etc/ca.crt
  min_version: TLS12
  max_version: TLS13
  cipher_suites:
    - TLS_AES_128_GCM_SHA256
    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
  prefer_server_cipher_suites: false
http_server_config:
  http2: false
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: deny
    X-XSS-Protection: ""
basic_auth_users:
  alice: {HASH}
"""
_SEEDS = (
    _WHOLE.encode(),
    f"tls_server_config: {{cert: PUBLIC, key: '{KEY}'}}\n".encode(),
    f"basic_auth_users: {{alice:{HASH}}}\n".encode(),
    f"basic_auth_users: {{{HASH}: alice}}\n".encode(),
    b"http_server_config: &a {headers: *a}\n",
    b'"\\UFFFFFFFF": 1\n',
)
_WORDS = (
    *_WHOLE.replace(":", " ").replace("[", " ").replace(",", " ").encode().split(),
    HASH.encode(),
    KEY.encode(),
    *split(
        b": |, |? |*a|&a |!!int |!!null |---\n|[|]|{|}|'|\"|\\u|\\U|cert|key|client_ca|rate_limit|client_allowed_sans",
        b"Content-Security-Policy",
    ),
)


def target(directory: Path) -> Target:
    """The target; it writes one file again and again."""
    return Target(
        holds="WebConfig that can be used, or WebServerError that says where, in lines without a hash or key",
        check=partial(_check, directory / "web.yml"),
        seeds=_SEEDS,
        words=_WORDS,
        max_length=1024,
    )


def _check(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    try:
        config = read_web_config(file)
    except WebServerError as error:
        text = str(error)
        for line in text.split("\n"):
            assert line.startswith(f"{file}:"), "without a place"
            assert line.isprintable(), "a control character reaches the terminal"
        assert HASH not in text, "a hash is shown"
        assert KEY not in text, "a key is shown"
        return
    Response(headers=tuple(config.http_server_config.headers.items()))
    assert all(hashed.startswith(b"$2") and len(hashed) == 60 for hashed in config.basic_auth_users.values())
