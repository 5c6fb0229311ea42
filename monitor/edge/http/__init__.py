"""How counterwatch asks sources: politely, within limits, and never a private address."""

from monitor.edge.http.address import SourceHttp
from monitor.edge.http.client import Client, HttpSettings
from monitor.edge.http.visit import Visit

__all__ = ["Client", "HttpSettings", "SourceHttp", "Visit"]
