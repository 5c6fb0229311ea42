"""Reading a body: counted while it is decoded, one encoding layer, never more than the limit in memory."""

from __future__ import annotations

import io
import zlib

from aiohttp import ClientResponse

_STEP = 256 * 1024  # decoded at most at once
_HEADERS = 256 * 1024
_MEMBERS = 1000  # gzip files may be strung together; empty ones could be strung together for ever


class BodyRefused(Exception):  # noqa: N818 - it says what happened
    """The body is not one we take. str() follows the name of the host."""


async def read(response: ClientResponse, limit: int) -> bytes:
    """Return the whole body, decoded. Raises BodyRefused, or aiohttp's errors when the connection fails.

    `limit` counts decoded bytes. A body that ends before its Content-Length is an error of aiohttp's.
    """
    headers = response.headers
    encoding = headers.get("Content-Encoding", "").strip().lower()
    stream = response.content
    if encoding in ("", "identity"):
        promised = response.content_length
        if promised is not None and promised > limit:
            raise BodyRefused(_over(limit))
        first = await stream.readany()
        if len(first) == promised or not first:
            return _within(first, limit)
        return await _plain(response, first, limit)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return await _packed(response, encoding, limit)
    raise BodyRefused("sent a body in an encoding we did not ask for")


def check_headers(response: ClientResponse) -> None:
    """Raise BodyRefused if the headers are larger than 256 KB."""
    fields = response.raw_headers
    # Few fields cannot be too large: aiohttp bounds each.
    if len(fields) > 8 and sum(len(name) + len(value) + 4 for name, value in fields) > _HEADERS:
        raise BodyRefused("sent more than 256 KB of headers")


async def _plain(response: ClientResponse, first: bytes, limit: int) -> bytes:
    # BytesIO hands its buffer out without a copy, so a body is in memory once.
    whole = io.BytesIO()
    chunk = first
    while chunk:
        if whole.tell() + len(chunk) > limit:
            raise BodyRefused(_over(limit))
        whole.write(chunk)
        chunk = await response.content.readany()
    return whole.getvalue()


async def _packed(response: ClientResponse, encoding: str, limit: int) -> bytes:
    unpack = Unpack(encoding, limit)
    packed = 0
    while chunk := await response.content.readany():
        packed += len(chunk)
        if packed > limit:
            raise BodyRefused(_over(limit))
        unpack.feed(chunk)
    return unpack.finish()


class Unpack:
    """One layer of gzip or deflate, in bounded steps."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._gzip = encoding != "deflate"
        self._limit = limit
        self._whole = io.BytesIO()
        self._members = 0
        self._inner: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> None:
        while chunk:
            if self._inner is None:
                if self._members and not self._next_member(chunk):
                    return
                self._inner = self._open(chunk)
            try:
                out = self._inner.decompress(chunk, _STEP)
            except zlib.error:
                raise BodyRefused("sent a compressed body that is damaged") from None
            if self._whole.tell() + len(out) > self._limit:
                raise BodyRefused(_over(self._limit))
            self._whole.write(out)
            if self._inner.eof:
                chunk, self._inner = self._inner.unused_data, None
            else:
                chunk = self._inner.unconsumed_tail

    def finish(self) -> bytes:
        if self._inner is not None:
            # What the last step left inside the decoder is less than a step.
            rest = self._inner.flush()
            if self._whole.tell() + len(rest) > self._limit:
                raise BodyRefused(_over(self._limit))
            self._whole.write(rest)
            if not self._inner.eof:
                raise BodyRefused("cut its compressed answer short")
        return self._whole.getvalue()

    def _next_member(self, chunk: bytes) -> bool:
        # Padding after the end is common and harmless; only gzip has further members.
        return self._gzip and chunk[:1] == b"\x1f"

    def _open(self, chunk: bytes) -> zlib._Decompress:
        self._members += 1
        if self._members > _MEMBERS:
            raise BodyRefused("sent a compressed body in too many pieces")
        if self._gzip:
            return zlib.decompressobj(31)
        # "deflate" means zlib, but some servers send the bare stream.
        zlib_header = chunk[0] & 0x0F == 8 and (len(chunk) < 2 or int.from_bytes(chunk[:2], "big") % 31 == 0)
        return zlib.decompressobj(15 if zlib_header else -15)


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise BodyRefused(_over(limit))
    return body


def _over(limit: int) -> str:
    return f"sent more than {limit / 1_000_000:.3g} MB"
