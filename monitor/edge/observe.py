"""Logs: one event name per fact, JSON for machines or aligned text for people, and never a secret."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class Mask:
    """Replaces known secret texts in everything that is logged, tracebacks too."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: tuple[str, ...] = ()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Mask these too."""
        known = {*self._secrets, *(one for one in secrets if len(one) >= 6)}
        self._secrets = tuple(sorted(known, key=len, reverse=True))

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if self._secrets:
            for name, value in event.items():
                event[name] = self._clean(value)
        return event

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, "***")
            return value
        if isinstance(value, dict):
            return {key: self._clean(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(inner) for inner in value]
        return value


_MASK = Mask()  # one for the program: loggers keep their steps


def mask(secrets: Iterable[str]) -> None:
    """Keep more secrets out of the logs, such as credentials that were renewed."""
    _MASK.add(secrets)


def _one_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Foreign text cannot forge a line or drive a terminal."""
    for name, value in event.items():
        if isinstance(value, str) and name != "exception" and not value.isprintable():
            event[name] = "".join(c if c.isprintable() else " " for c in value)
    return event


def configure(*, level: str = "info", pretty: bool | None = None, secrets: Iterable[str] = ()) -> None:
    """Set up logging to the error stream. `pretty` None: people at a terminal, JSON lines otherwise."""
    _MASK.add(secrets)
    people = sys.stderr.isatty() if pretty is None else pretty
    least = _LEVELS.get(level, logging.INFO)
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _MASK,
        _one_line,
    ]
    steps.append(structlog.dev.ConsoleRenderer(colors=people) if people else structlog.processors.JSONRenderer())
    structlog.configure(
        processors=steps,
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries speak through the standard library; at DEBUG some print request bodies.
    logging.basicConfig(level=max(least, logging.WARNING), format="%(name)s: %(message)s", stream=sys.stderr)
    for noisy in ("slack_sdk", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(max(least, logging.WARNING))
    # A tick that still waits for the database is skipped at the next one: no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
