"""A campaign's public page behind its share link, and its pictures: without sign-in, nothing of any buyer."""

from flask import Blueprint, Response, current_app, g, render_template, url_for
from flask.typing import ResponseReturnValue

from station.core.db import reading
from station.group_buys import pictures, queries, store
from station.group_buys.queries import Offer
from station.network import queries as network
from station.parcels.attachments import Picture
from station.web.gate import public

bp = Blueprint("group_share", __name__, url_prefix="/buy")
A_DAY = "private, max-age=86400"  # a picture never changes under its id


def share_url(offer: Offer) -> str:
    """Return the whole address of a campaign's page; with the installation's public one where it has one."""
    public_url: str = current_app.config["SETTINGS"].public_url
    token = offer.campaign.share_token
    if not public_url:
        return url_for("group_share.page", station_id=offer.station_id, token=token, _external=True)
    return public_url + url_for("group_share.page", station_id=offer.station_id, token=token)


@bp.after_request
def _keep_out_of_indexes(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/<int:station_id>/<token>")
@public
def page(station_id: int, token: str) -> ResponseReturnValue:
    """Show a campaign to everybody who has its link, and lead to ordering."""
    with reading():
        found = queries.shared(station_id, token)
        station = network.station(station_id)
        shown = pictures.of_campaign(station_id, found.campaign.id)
        names = queries.names([point.station_id for point in store.points(station_id, found.campaign.id)])
    g.station = g.get("station") or station
    return render_template(
        "group_buys/share.html",
        offer=found,
        pictures=shown,
        point_names=names,
        zone=station.zone,
        place=station,
    )


@bp.get("/<int:station_id>/<token>/pictures/<int:picture_id>")
@public
def picture(station_id: int, token: str, picture_id: int) -> ResponseReturnValue:
    """Send a picture of the goods."""
    with reading():
        found = pictures.get(station_id, token, picture_id)
    return _sent(found)


@bp.get("/<int:station_id>/<token>/pictures/<int:picture_id>/small")
@public
def small_picture(station_id: int, token: str, picture_id: int) -> ResponseReturnValue:
    """Send a picture of the goods as lists show it."""
    with reading():
        found = pictures.get_small(station_id, token, picture_id)
    return _sent(found)


def _sent(found: Picture) -> Response:
    return Response(found.content, mimetype=found.media_type, headers={"Cache-Control": A_DAY})
