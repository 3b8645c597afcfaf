"""Which channels a station has, in order of preference. How each of them sends is its own file's."""

from collections.abc import Sequence
from pathlib import Path

from station.core.settings import Settings
from station.notices.channels import Channel, ConsoleChannel


def channels_for(station_id: int, settings: Settings) -> Sequence[Channel]:
    """Return the channels of a station, best first; the console while nothing is set up."""
    return [ConsoleChannel(messages_folder(settings))]


def messages_folder(settings: Settings) -> Path:
    """Return where the console channel writes."""
    return settings.instance / "outbox"
