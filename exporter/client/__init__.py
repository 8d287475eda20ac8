"""The Partner API over HTTP: four GET requests, a deadline for each, and one closed outcome when it fails.

Knows requests and sockets; knows neither what the fields of an answer mean nor how anything is measured.
"""

from exporter.client.partner_client import PartnerClient, Readable, SecretSource

__all__ = ["PartnerClient", "Readable", "SecretSource"]
