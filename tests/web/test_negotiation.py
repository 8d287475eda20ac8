"""Which format and which encoding a client gets: what it would rather have, of what there is."""

from __future__ import annotations

import pytest

from exporter.web.negotiation import accepts_gzip, metrics_format

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
PROMETHEUS_WITH_NATIVE_HISTOGRAMS = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6," + PROMETHEUS_3
)


@pytest.mark.parametrize("accept", [PROMETHEUS_2, PROMETHEUS_3, PROMETHEUS_WITH_NATIVE_HISTOGRAMS])
def test_prometheus_gets_openmetrics(accept: str) -> None:
    assert metrics_format(accept)[1].startswith(OPENMETRICS)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("text/*", TEXT),
        ("text/html", TEXT),
        ("application/json", TEXT),
        ("text/plain", TEXT),
        ("Text/Plain; Version=0.0.4", TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        ('application/openmetrics-text; version="1.0.0"', OPENMETRICS),
        ("text/plain, application/openmetrics-text; q=0.9", TEXT),
        ("text/plain; q=0.9, application/openmetrics-text", OPENMETRICS),
        ("text/plain; q=0.5, application/openmetrics-text; version=1.0.0; q=0.4", TEXT),
        ("*/*, application/openmetrics-text; q=0.9", TEXT),
    ],
)
def test_of_what_there_is_the_client_gets_what_weighs_most(accept: str, content_type: str) -> None:
    assert metrics_format(accept)[1].startswith(content_type)


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text; q=0",
        "application/openmetrics-text; version=1.0.0; q=0.000, text/plain; q=0.1",
        "application/openmetrics-text; q=x",
        "application/openmetrics-text; q=-1",
        "application/openmetrics-text; q=nan",
        "application/openmetrics-text; version=0.0.1",
        "application/openmetrics-text; version=2.0.0",
        "application/openmetrics-text; version=x.y",
        ";;;,,,q=",
    ],
)
def test_openmetrics_that_is_not_wanted_or_not_made_is_not_given(accept: str) -> None:
    assert metrics_format(accept)[1] == TEXT


@pytest.mark.parametrize("header", ["gzip", "GZIP", "gzip, deflate, br", "*", "*;q=0, gzip", "gzip;q=0.001"])
def test_who_takes_gzip_is_given_it(header: str) -> None:
    assert accepts_gzip(header)


@pytest.mark.parametrize(
    "header", ["", "identity", "br", "*;q=0", "gzip;q=0", "gzip; q=0.000", "*, gzip;q=0", "gzip;q=0, *", "gzip;q=x"]
)
def test_who_does_not_is_not(header: str) -> None:
    assert not accepts_gzip(header)
