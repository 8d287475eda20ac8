"""The closed row of the overview about what customers and the partner hold, where the exporter collects that."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import table

from grafana.generator import panels as style
from grafana.generator import queries as q
from grafana.generator.panels import column, graph, listing, row, stat_tile
from grafana.generator.queries import Query
from grafana.generator.rules import thresholds

COLLECTED = "Empty unless the exporter's configuration has collect: [wallet, customers]."
STEPS: tuple[style.Step, ...] = ((None, style.WARNING), (thresholds()["wallet_runway_low_hours"], style.GOOD))
_BY = "by (job, partner, currency)"


def wallets() -> builders.Row:
    """The row, closed: most partners look at it once a day."""
    outflow = f'sum {_BY} (vobiz:wallet_outflow{{window="7d",{q.RECORDED}}})'
    panels = (
        stat_tile(
            "Own wallet lasts",
            "How long the partner's own wallet lasts at the pace at which money left it in the last week: orange "
            "under 72 "
            f"hours. Nothing while no money leaves it. {COLLECTED}",
            "h",
            Query(expr=f"168 * min(sum {_BY} (vobiz:wallet_left{{{q.RECORDED}}}) / ({outflow} > 0))", instant=True),
            steps=STEPS,
            alert="VobizWalletRunwayLow",
            decimals=0,
            height=8,
        ),
        graph(
            "Own wallet",
            f"The partner's own wallet, from which customers are funded, in the partner's currency. {COLLECTED}",
            "short",
            Query(
                expr=f"max by (partner, currency) (vobiz_wallet_balance{{{q.SELECTED}}})",
                legend="{{partner}}, {{currency}}",
            ),
            alert="VobizWalletRunwayLow",
            width=10,
        ),
        graph(
            "Customers below the limit",
            f"Active prepaid customers with less than customers.below_balance: about to run dry. {COLLECTED}",
            "none",
            Query(expr=f"max by (partner) (vobiz_customers_below_balance{{{q.SELECTED}}})", legend="{{partner}}"),
            alert="VobizCustomersBalanceLow",
            width=10,
        ),
        _one_by_one(),
        graph(
            "Customers by status",
            f"Disabled ones are suspended: the API says that they are not enabled. {COLLECTED}",
            "none",
            Query(expr=q.total(f"vobiz_customers{{{q.SELECTED}}}", ("status",), of=("status",)), legend="{{status}}"),
            width=6,
            stacked=True,
        ),
        graph(
            "Customers by KYC status",
            f"As the API names it. {COLLECTED}",
            "none",
            Query(
                expr=q.total(f"vobiz_customers_kyc{{{q.SELECTED}}}", ("kyc_status",), of=("kyc_status",)),
                legend="{{kyc_status}}",
            ),
            width=6,
            stacked=True,
        ),
        graph(
            "Customers left out",
            "Not read: the API counts them, and customers.pages_limit or an unreadable id kept them out. Dropped: "
            "asked for "
            f"one by one, and kept out by customers.series_limit, a second. {COLLECTED}",
            "none",
            Query(expr=f"max by (partner) (vobiz_customers_unread{{{q.SELECTED}}})", legend="{{partner}}, not read"),
            Query(
                expr=f"max by (partner) (rate(vobiz_account_series_dropped_total{{{q.SELECTED}}}{q.RATE}))",
                legend="{{partner}}, dropped",
            ),
            width=24,
            height=6,
        ),
    )
    return row("Wallets and customers", [panel.no_value("not collected") for panel in panels])


def _one_by_one() -> table.Panel:
    account = f"max by (partner, account_id, currency) (vobiz_account_balance{{{q.SELECTED}}})"
    names = f"max by (partner, account_id, name) (vobiz_account_info{{{q.SELECTED}}})"
    same = "on (partner, account_id)"
    panel = listing(
        "Customers shown one by one",
        "Those with the least balance and those listed, where customers.lowest or customers.accounts ask for them; "
        "with names where customers.names allows it.",
        "short",
        Query(expr=f"{account} * {same} group_left (name) {names} or {same} {account}"),
        columns={
            "partner": "Partner",
            "account_id": "Customer",
            "name": "Name",
            "Value": "Balance",
            "currency": "Currency",
        },
        alert="VobizCustomersBalanceLow",
        width=12,
    )
    return column(panel, "Balance", unit="short", decimals=2)
