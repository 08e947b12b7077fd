"""Which frames of a socket are let through."""

from __future__ import annotations

import pytest

from web.chat.frames import Frames

CONNECT = '40{"sessionId":"one","threadId":""}'
TAKEN = [
    "3",
    '42["connection_successful"]',
    '42["client_message",{"message":{"id":"one","output":"How are we?"}}]',
    '42["window_message",{"camaradAgent":"ppc"}]',
    '42["stop"]',
    '42["clear_session"]',
    '42["fetch_favorites"]',
]


@pytest.fixture
def frames() -> Frames:
    connected = Frames()
    assert connected.accepts(CONNECT)
    return connected


@pytest.mark.parametrize("text", TAKEN)
def test_what_a_page_sends_is_taken(frames: Frames, text: str) -> None:
    assert frames.accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0{}",
        "2",
        "2probe",
        "5",
        "6",
        "4",
        "4x",
        CONNECT,
        '40/other,{"a":1}',
        "41/other",
        '42["edit_message",{}]',
        '42["connect",{}]',
        '42["disconnect"]',
        '42["client_message"]',
        '42["client_message",{},{}]',
        '42["stop",1]',
        '42/other,["stop"]',
        '421["stop"]',
        "42",
        "42[]",
        "42{}",
        "42[1]",
        "42[null]",
        '42["stop"',
        '42["stop"]x',
        "42" + "[" * 100_000,
        '43["stop"]',
        "431[]",
        '44{"message":"no"}',
        '451-["client_message",{"_placeholder":true,"num":0}]',
        "461-[]",
        "47",
        "9",
        "\x00",
        "٤٢[]",
        '42["client_message",' + "9" * 5_000 + "]",
    ],
)
def test_anything_else_is_not(frames: Frames, text: str) -> None:
    assert not frames.accepts(text)


def test_a_binary_frame_is_not(frames: Frames) -> None:
    assert not frames.accepts(None)


@pytest.mark.parametrize("text", TAKEN[1:])
def test_no_event_is_taken_before_connecting(text: str) -> None:
    assert not Frames().accepts(text)


@pytest.mark.parametrize("text", ["40", "40[]", "40null", "40{", '40"x"'])
def test_a_connection_brings_an_object(text: str) -> None:
    assert not Frames().accepts(text)


@pytest.mark.parametrize("text", [*TAKEN[1:], CONNECT, "41"])
def test_nothing_is_taken_after_leaving(frames: Frames, text: str) -> None:
    assert frames.accepts("41")
    assert not frames.accepts(text)
