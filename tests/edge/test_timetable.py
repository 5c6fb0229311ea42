"""Quiet hours and digest times as people write them: what cannot be kept is refused, what is hardly meant is said."""

from __future__ import annotations

import pytest

from monitor.edge import config
from monitor.edge.yamldoc import Mistake


def told(text: str) -> list[Mistake]:
    return config.read_settings(text.encode(), config.SETTINGS, sources=())[1]


def test_sound_hours_are_taken_as_written() -> None:
    text = (
        'slack: {digest_at: "09:00", quiet: {start: "20:00", end: "07:00"}}\n'
        'routes: [{channel: "#a", digest_at: "07:00"}, {channel: "#b", quiet: {start: "12:00", end: "13:00"}}]\n'
    )

    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "line", "message", "severity"),
    [
        ('slack: {quiet: {start: "20:00", end: "20:00"}}', 1, "begin and end at the same time", "error"),
        (
            'slack: {}\nroutes:\n  - {channel: "#a", quiet: {start: "08:00", end: "07:00"}}',
            3,
            "leave 60 minutes",
            "error",
        ),
        ('slack:\n  quiet: {start: "20:00", end: "09:00"}', 2, "08:30 falls into the quiet hours", "warning"),
        (
            'slack: {quiet: {start: "20:00", end: "07:00"}}\nroutes:\n  - channel: "#a"\n    digest_at: "06:00"',
            4,
            "06:00 falls into the quiet hours, so it waits until 07:00",
            "warning",
        ),
        (
            'slack: {digest_at: "18:00"}\nroutes:\n  - channel: "#a"\n    quiet: {start: "17:00", end: "06:00"}',
            4,
            "18:00 falls into the quiet hours, so it waits until 06:00",
            "warning",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_hint(text: str, line: int, message: str, severity: str) -> None:
    (mistake,) = told(text)

    assert (mistake.line, mistake.severity) == (line, severity)
    assert message in mistake.message
    assert mistake.hint


@pytest.mark.parametrize(
    "text", ["slack: [1]", "routes: {a: b}", 'slack: {quiet: "20:00"}', "slack: {digest_at: soon}"]
)
def test_what_is_no_time_at_all_is_reported_once(text: str) -> None:
    assert len(told(text)) == 1
