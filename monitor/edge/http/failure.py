"""Why a connection brought no answer, in one plain sentence.

aiohttp's own messages hold whole addresses, and with them keys. They are never passed on.
"""

from __future__ import annotations

import errno
import ssl

import aiohttp

from monitor.edge.http import proxy as proxies
from monitor.edge.http.guard import AddressRefused, HostPort
from monitor.watcher import SourceBlocked, SourceDown, SourceTrouble

_CAUSES = {
    errno.ECONNREFUSED: "refused the connection",
    errno.EHOSTUNREACH: "cannot be reached",
    errno.ENETUNREACH: "cannot be reached: no network",
    errno.ETIMEDOUT: "did not take the connection in time",
    errno.ECONNRESET: "reset the connection",
    errno.EPIPE: "reset the connection",
    errno.EMFILE: "could not be asked: this program has too many files open",
}


def silence(host: str, idle: float) -> str:
    """Say that nothing came; `idle` is how many seconds of it we bear."""
    return f"{host} sent nothing for {idle:.0f} seconds"


def trouble(error: Exception, host: str, proxy: HostPort | None = None, *, signed_in: bool = False) -> SourceTrouble:
    """Return what a failed connection to `host` means; `proxy` is the one it went through."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        said = proxies.refused(error.status, host, signed_in=signed_in)
        turned_away = error.status < 500 and error.status != proxies.AUTH_WANTED
        return SourceBlocked(said) if turned_away else SourceDown(said)
    if proxy is not None and _of_proxy(error, proxy):
        return SourceDown(_proxy_trouble(error))
    return SourceDown(sentence(error, host))


def _of_proxy(error: Exception, proxy: HostPort) -> bool:
    """Say whether we did not get as far as the proxy's door."""
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ConnectionTimeoutError):
        return True  # behind a proxy the only connection made is the one to it
    return isinstance(error, aiohttp.ClientConnectorError) and (error.host, error.port) == proxy


def _proxy_trouble(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "our proxy cannot be found: its name could not be resolved"
        case aiohttp.ClientConnectorCertificateError():
            return f"our proxy cannot be trusted{_certificate(error.certificate_error)}"
        case aiohttp.ConnectionTimeoutError():
            return "our proxy did not take the connection in time"
        case aiohttp.ClientConnectorError() if error.os_error.errno == errno.ECONNREFUSED:
            return "our proxy refused the connection"
        case _:
            return "our proxy cannot be reached"


def sentence(error: Exception, host: str) -> str:
    """Say what went wrong with a connection to `host`."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"the name {host} could not be resolved"
        case aiohttp.ClientConnectorCertificateError():
            return f"the certificate of {host} cannot be trusted{_certificate(error.certificate_error)}"
        case aiohttp.ClientSSLError():
            return f"no safe connection to {host} could be made"
        case aiohttp.ConnectionTimeoutError():
            return f"{host} did not take the connection in time"
        case aiohttp.ClientConnectorError():
            return _unconnected(error.os_error, host)
        case aiohttp.ServerDisconnectedError():
            return f"{host} closed the connection before it answered"
        case aiohttp.ClientPayloadError():
            return f"the answer of {host} is cut short"
        case aiohttp.ClientResponseError():
            return f"{host} did not answer in proper HTTP"
        case OSError():
            return f"{host} {_CAUSES.get(error.errno or 0, 'broke the connection')}"
        case _:
            return f"{host} could not be asked ({type(error).__name__})"


def _unconnected(cause: OSError, host: str) -> str:
    # Several addresses make one error whose text joins theirs.
    if isinstance(cause, AddressRefused) or "is not a public address" in str(cause):
        return f"{host} leads to a private address, which is not allowed for this source"
    return f"{host} {_CAUSES.get(cause.errno or 0, 'cannot be reached')}"


def _certificate(error: Exception) -> str:
    return f" ({error.verify_message})" if isinstance(error, ssl.SSLCertVerificationError) else ""
