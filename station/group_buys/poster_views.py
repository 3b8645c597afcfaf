"""A campaign's poster: the page to print, and the PDF."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.paper import file_name
from station.core.permissions import Permission
from station.group_buys import pictures, posters, queries
from station.group_buys.lifecycle import CampaignState
from station.group_buys.queries import Offer
from station.group_buys.share_views import share_url
from station.network import queries as network
from station.web.downloads import download
from station.web.gate import current_actor, needs

bp = Blueprint("group_posters", __name__, url_prefix="/group-buys/<int:campaign_id>")


@bp.get("/poster")
@needs(Permission.SHARE_OUT)
def page(campaign_id: int) -> ResponseReturnValue:
    """Show a campaign's poster, ready to print."""
    found = _shareable(campaign_id)
    return render_template(
        "group_buys/poster.html",
        offer=found,
        share=share_url(found),
        drawing=posters.qr(share_url(found)),
        zone=g.station.zone,
    )


@bp.get("/poster.pdf")
@needs(Permission.SHARE_OUT)
def pdf(campaign_id: int) -> ResponseReturnValue:
    """Send a campaign's poster as PDF on A4."""
    found = _shareable(campaign_id)
    station_id = current_actor().station_id
    with reading():
        shown = pictures.of_campaign(station_id, campaign_id)
        picture = pictures.get(station_id, found.campaign.share_token, shown[0].id) if shown else None
        station = network.station(station_id)
    content = posters.pdf(found, station, link=share_url(found), picture=picture)
    name = file_name(_("Poster"), str(found.campaign.number), found.campaign.title, suffix="pdf")
    return download(content, "application/pdf", name)


def _shareable(campaign_id: int) -> Offer:
    """Return a campaign that has a public page. Raises StationError `campaign_moved_on` for a draft."""
    with reading():
        found = queries.offer(current_actor().station_id, campaign_id)
    if found.campaign.state == CampaignState.DRAFT:
        raise StationError("campaign_moved_on", _("A draft has no public page yet. Open it first."))
    return found
