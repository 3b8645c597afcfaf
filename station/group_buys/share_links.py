"""Where a campaign's public page is: an address nobody can guess, for posters and chats."""

from flask import current_app, url_for

from station.group_buys.queries import Offer


def share_url(offer: Offer) -> str:
    """Return the whole address; with the installation's public one where it has one."""
    public_url: str = current_app.config["SETTINGS"].public_url
    token = offer.campaign.share_token
    if not public_url:
        return url_for("group_share.page", station_id=offer.station_id, token=token, _external=True)
    return public_url + url_for("group_share.page", station_id=offer.station_id, token=token)
