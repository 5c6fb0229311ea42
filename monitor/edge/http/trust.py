"""Whose certificates we believe: the machine's own authorities, and the company's besides, never instead."""

from __future__ import annotations

import ssl
from pathlib import Path

_SET, _INTEGER, _OID, _VERSION = 0x31, 0x02, 0x06, 0xA0  # tags of DER
_COMMON_NAME, _ORGANISATION = b"\x55\x04\x03", b"\x55\x04\x0a"  # 2.5.4.3 and 2.5.4.10


class BundleWrong(ValueError):  # noqa: N818 - it says what is so
    """The file of certificates cannot be used. str() is a short reason."""


def trusting(bundle: Path | None) -> ssl.SSLContext:
    """Return a context that verifies certificates and host names. Raises BundleWrong."""
    context = ssl.create_default_context()
    if bundle is not None:
        try:
            context.load_verify_locations(bundle)
        except ssl.SSLError:  # an OSError too
            raise BundleWrong("it holds no certificate in PEM form") from None
        except OSError as error:
            raise BundleWrong(error.strerror or type(error).__name__) from None
    return context


def issuer_of(certificate: bytes) -> str:
    """Return who signed a certificate (DER): its common name, else its organisation, "" if that cannot be read.

    Only for a person to read: Python tells the issuer of certificates that it trusts, and this one it does not.
    """
    try:
        names = _names(certificate)
    except (IndexError, ValueError):
        return ""
    return names.get(_COMMON_NAME) or names.get(_ORGANISATION) or ""


def _names(certificate: bytes) -> dict[bytes, str]:
    (_, whole), *_ = _parts(certificate)
    (_, signed), *_ = _parts(whole)
    fields = [body for tag, body in _parts(signed) if tag not in (_VERSION, _INTEGER)]
    issuer = fields[1]  # after the algorithm of the signature
    found: dict[bytes, str] = {}
    for tag, group in _parts(issuer):
        if tag == _SET:
            for _, pair in _parts(group):
                (kind, oid), (_, text), *_ = _parts(pair)
                if kind == _OID:
                    found.setdefault(oid, text.decode("utf-8", "replace")[:100])
    return found


def _parts(der: bytes) -> list[tuple[int, bytes]]:
    """Split what a DER value holds into (tag, body). Raises IndexError or ValueError."""
    found, at = [], 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 0 < count <= 4:
                raise ValueError("an odd length")
            length, at = int.from_bytes(der[at : at + count], "big"), at + count
        if at + length > len(der):
            raise ValueError("cut short")
        found.append((tag, der[at : at + length]))
        at += length
    return found
