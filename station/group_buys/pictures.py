"""Pictures of a campaign's goods: everybody who has its link may see them, large on its page and small in lists."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, insert, select

from station.core import ids, photos
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append
from station.group_buys import store
from station.group_buys.lifecycle import CampaignState
from station.group_buys.models import Campaign, CampaignPicture
from station.parcels.attachments import Picture

MOST = 6  # pictures of one campaign: more than a phone's screen shows; source: ours
SMALL = 320  # points of the longer side in a list: 72 CSS pixels on the densest phone's screen
CHANGING = frozenset({CampaignState.DRAFT, CampaignState.OPEN})


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as pages name it."""

    id: int
    place: int


def add(actor: Actor, campaign_id: int, content: bytes) -> int:
    """Keep a picture behind the others; return its id.

    Raises StationError `bad_input` when it is no photo or too large, or there are MOST already, `campaign_moved_on`
    after the cut-off.
    """
    _refuse_late(actor.station_id, campaign_id)
    kept = photos.drawn_anew(content)
    known = of_campaign(actor.station_id, campaign_id)
    if len(known) >= MOST:
        raise StationError(
            "bad_input", _("There are %(most)s pictures already. Remove one first.", most=MOST)
        )
    picture_id, digest = ids.next_id(), hashlib.sha256(kept).digest()
    connection().execute(
        insert(CampaignPicture).values(
            station_id=actor.station_id,
            id=picture_id,
            campaign_id=campaign_id,
            place=known[-1].place + 1 if known else 1,
            media_type=photos.KEPT,
            sha256=digest,
            content=kept,
            small=photos.drawn_anew(kept, side=SMALL),
        )
    )
    facts = {"campaign": str(campaign_id), "picture": str(picture_id), "sha256": digest.hex()}
    append(actor, Event("campaign_picture_added", data=facts))
    return picture_id


def remove(actor: Actor, campaign_id: int, picture_id: int) -> None:
    """Remove a picture. Raises StationError `not_found`, `campaign_moved_on` after the cut-off."""
    _refuse_late(actor.station_id, campaign_id)
    mine = (
        CampaignPicture.station_id == actor.station_id,
        CampaignPicture.campaign_id == campaign_id,
        CampaignPicture.id == picture_id,
    )
    if not connection().execute(delete(CampaignPicture).where(*mine)).rowcount:
        raise StationError("not_found", _("This picture does not exist any more."))
    facts = {"campaign": str(campaign_id), "picture": str(picture_id)}
    append(actor, Event("campaign_picture_removed", data=facts))


def copy(station_id: int, from_id: int, to_id: int) -> None:
    """Give a campaign the pictures of another one."""
    columns = (
        CampaignPicture.place,
        CampaignPicture.media_type,
        CampaignPicture.sha256,
        CampaignPicture.content,
        CampaignPicture.small,
    )
    query = select(*columns).where(
        CampaignPicture.station_id == station_id, CampaignPicture.campaign_id == from_id
    )
    for row in connection().execute(query.order_by(CampaignPicture.place)).all():
        key = {"station_id": station_id, "id": ids.next_id(), "campaign_id": to_id}
        connection().execute(insert(CampaignPicture).values(**key, **row._mapping))


def of_campaign(station_id: int, campaign_id: int) -> list[Shown]:
    """Return a campaign's pictures in their order."""
    query = select(CampaignPicture.id, CampaignPicture.place).where(
        CampaignPicture.station_id == station_id, CampaignPicture.campaign_id == campaign_id
    )
    return [Shown(*row) for row in connection().execute(query.order_by(CampaignPicture.place))]


def first_of(station_id: int, campaign_ids: list[int]) -> dict[int, int]:
    """Return the first picture's id of each campaign that has one."""
    mine = (CampaignPicture.station_id == station_id, CampaignPicture.campaign_id.in_(campaign_ids))
    first = (
        select(CampaignPicture.campaign_id, func.min(CampaignPicture.place).label("place"))
        .where(*mine)
        .group_by(CampaignPicture.campaign_id)
        .subquery()
    )
    query = (
        select(CampaignPicture.campaign_id, CampaignPicture.id)
        .join(
            first,
            (CampaignPicture.campaign_id == first.c.campaign_id) & (CampaignPicture.place == first.c.place),
        )
        .where(*mine)
    )
    return {row.campaign_id: row.id for row in connection().execute(query)}


def get(station_id: int, share_token: str, picture_id: int) -> Picture:
    """Return a picture to somebody who knows its campaign's token. Raises StationError `not_found`."""
    return _found(station_id, share_token, picture_id, CampaignPicture.content.expression)


def get_small(station_id: int, share_token: str, picture_id: int) -> Picture:
    """Return a picture as lists show it. Raises StationError `not_found`."""
    # What was added before there were small ones is shown as it is.
    content = func.coalesce(CampaignPicture.small, CampaignPicture.content)
    return _found(station_id, share_token, picture_id, content)


def _found(station_id: int, share_token: str, picture_id: int, content: ColumnElement[bytes]) -> Picture:
    query = (
        select(CampaignPicture.media_type, content.label("content"))
        .join(
            Campaign,
            (Campaign.station_id == CampaignPicture.station_id)
            & (Campaign.id == CampaignPicture.campaign_id),
        )
        .where(
            CampaignPicture.station_id == station_id,
            CampaignPicture.id == picture_id,
            Campaign.share_token == share_token,
        )
    )
    row = connection().execute(query).one_or_none()
    if row is None:
        raise StationError("not_found", _("This picture does not exist any more."))
    return Picture(row.media_type, row.content)


def _refuse_late(station_id: int, campaign_id: int) -> None:
    if store.campaign(station_id, campaign_id).state not in CHANGING:
        raise StationError("campaign_moved_on", _("After the cut-off a group buy is not changed any more."))
