"""What may be shown of an address: no passwords, no keys in the query, no value known to be secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from urllib.parse import quote, quote_plus, urlencode

_WORDS = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_SECRET_WORDS = frozenset(
    [
        "key",
        "apikey",
        "token",
        "secret",
        "password",
        "passwd",
        "pwd",
        "pass",
        "auth",
        "authorization",
        "signature",
        "sig",
        "sign",
        "credential",
        "credentials",
        "jwt",
        "hmac",
        "sid",
        "session",
    ]
)
_SECRET_ENDS = ("key", "token", "secret", "password", "signature")
_USERINFO = re.compile(r"//[^/?#@]*@")
_PAIR = re.compile(r"([^?&#=;]+)=([^&#;]*)")
_SHORTEST = 4  # a shorter "secret" would blank half of the text


def secret_name(name: str) -> bool:
    """Say whether a parameter or header of this name carries a credential (`api_key`, `X-Amz-Signature`)."""
    return name.lower().endswith(_SECRET_ENDS) or any(word.lower() in _SECRET_WORDS for word in _WORDS.split(name))


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return the secrets as they may appear in addresses, longest first."""
    forms = {
        form
        for secret in secrets
        if len(secret) >= _SHORTEST
        for form in (secret, quote(secret, safe=""), quote(secret), quote_plus(secret))
    }
    return tuple(sorted(forms, key=len, reverse=True))


def masked(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Return the address or header without credentials: each becomes `***`."""
    if "=" in text:
        text = _PAIR.sub(lambda pair: f"{pair[1]}=***" if secret_name(pair[1]) else pair[0], text)
    if "@" in text:
        text = _USERINFO.sub("//***@", text)
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, "***")
    return text


def name_of(url: str, secrets: tuple[str, ...] = ()) -> str:
    """Return the name an address is remembered by: itself, or if it holds a key, masked with a digest that tells it apart."""
    shown = masked(url, secrets)
    return url if shown == url else f"{shown}#{blake2b(url.encode(), digest_size=6).hexdigest()}"


def without_keys(query: str, sent: frozenset[str]) -> str:
    """Return a query without the pairs whose value we sent as a credential before."""
    return "&".join(part for part in query.split("&") if part.partition("=")[2] not in sent)


def keys_in(query: str) -> frozenset[str]:
    """Return the values (as written) of the parameters that carry credentials."""
    return frozenset(value for name, value in _PAIR.findall(query) if value and secret_name(name))


def with_params(url: str, params: Iterable[tuple[str, str]]) -> str:
    """Return the address with more query parameters, before its fragment."""
    address, mark, fragment = url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(list(params))}{mark}{fragment}"
