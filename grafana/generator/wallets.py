"""The collapsed row of the overview about what customers and the partner hold, where the exporter collects that."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models import dashboard

from grafana.generator import figures
from grafana.generator.panels import column, graph, listing, stat_tile
from grafana.generator.queries import RATE, SELECTED, Query

COLLECTED = "Empty unless the exporter's configuration has collect: [wallet, customers]."
NOT_COLLECTED = "not collected"

_ACCOUNT = f"vobiz_account_balance{{{SELECTED}}}"
_SAME = "on (job, instance, partner, account_id)"


def wallets() -> builders.Row:
    """The row, closed: most partners look at it once a day."""
    row = builders.Row("Wallets and customers").collapsed(True)
    for panel in (_lasts(), _below(), *_over_time(), _lowest(), *_kinds(), _left_out()):
        row.with_panel(panel.no_value(NOT_COLLECTED))
    return row


def _lasts() -> stat.Panel:
    return stat_tile(
        "Own wallet lasts",
        "How long the partner's own wallet lasts at the pace at which money left it in the last week: orange under 72 "
        f"hours. Nothing while no money leaves it. {COLLECTED}",
        "h",
        Query(expr=f"min(vobiz:wallet_hours:7d{{{SELECTED}}})", instant=True),
        steps=figures.WALLET_STEPS,
        alert="VobizWalletRunwayLow",
        decimals=0,
        height=8,
    )


def _below() -> stat.Panel:
    return stat_tile(
        "Customers about to run dry",
        "Active prepaid customers with less than customers.below_balance, and how many more that is than at the best "
        f"moment of the week. {COLLECTED}",
        "none",
        Query(expr=f"sum(vobiz_customers_below_balance{{{SELECTED}}})", legend="now", instant=True),
        Query(expr=f"sum(vobiz:customers_below_balance:new{{{SELECTED}}})", legend="new", instant=True),
        alert="VobizCustomersBalanceLow",
        height=8,
    )


def _over_time() -> tuple[timeseries.Panel, ...]:
    return (
        graph(
            "Own wallet",
            f"The partner's own wallet, from which customers are funded, in the partner's currency. {COLLECTED}",
            "short",
            Query(
                expr=f"sum by (partner, currency) (vobiz_wallet_balance{{{SELECTED}}})",
                legend="{{partner}}, {{currency}}",
            ),
            alert="VobizWalletRunwayLow",
            width=8,
        ),
        graph(
            "Customers below the limit",
            f"Active prepaid customers with less than customers.below_balance. {COLLECTED}",
            "none",
            Query(
                expr=f"sum by (partner) (vobiz_customers_below_balance{{{SELECTED}}})",
                legend="{{partner}}",
            ),
            alert="VobizCustomersBalanceLow",
            width=8,
        ),
    )


def _lowest() -> table.Panel:
    panel = listing(
        "Customers shown one by one",
        "Those with the least balance and those listed, where customers.lowest or customers.accounts ask for them; "
        "with names where customers.names allows it.",
        "short",
        Query(expr=f"{_ACCOUNT} * {_SAME} group_left (name) vobiz_account_info{{{SELECTED}}} or {_SAME} {_ACCOUNT}"),
        alert="VobizCustomersBalanceLow",
        width=12,
    )
    panel.with_transformation(
        dashboard.DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": dict.fromkeys(("Time", "__name__", "job", "instance"), True),
                "indexByName": {"partner": 0, "account_id": 1, "name": 2, "Value": 3, "currency": 4},
                "renameByName": {
                    "partner": "Partner",
                    "account_id": "Customer",
                    "name": "Name",
                    "Value": "Balance",
                    "currency": "Currency",
                },
            },
        )
    )
    return column(panel, "Balance", unit="short", decimals=2)


def _kinds() -> tuple[timeseries.Panel, ...]:
    return (
        graph(
            "Customers by status",
            f"Disabled ones are suspended: the API says that they are not enabled. {COLLECTED}",
            "none",
            Query(expr=f"sum by (status) (vobiz_customers{{{SELECTED}}})", legend="{{status}}"),
            width=6,
            stacked=True,
        ),
        graph(
            "Customers by KYC status",
            f"As the API names it. {COLLECTED}",
            "none",
            Query(expr=f"sum by (kyc_status) (vobiz_customers_kyc{{{SELECTED}}})", legend="{{kyc_status}}"),
            width=6,
            stacked=True,
        ),
    )


def _left_out() -> timeseries.Panel:
    return graph(
        "Customers left out",
        "Not read: the API counts them, and customers.pages_limit or an unreadable id kept them out of all figures. "
        f"Dropped: asked for one by one, and kept out by customers.series_limit, a second. {COLLECTED}",
        "none",
        Query(expr=f"sum by (partner) (vobiz_customers_unread{{{SELECTED}}})", legend="{{partner}}, not read"),
        Query(
            expr=f"sum by (partner) (rate(vobiz_account_series_dropped_total{{{SELECTED}}}{RATE}))",
            legend="{{partner}}, dropped",
        ),
        width=24,
        height=6,
    )
