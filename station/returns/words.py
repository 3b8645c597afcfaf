"""What the returns room says of things that are stored as codes."""

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.moments import moment
from station.returns.lifecycle import ManifestState
from station.returns.queries import Manifest

SIGNED_WHERE = {
    True: _l("On the courier's own phone"),
    False: _l("At the counter"),
}


def signed_where(manifest: Manifest) -> str:
    """Return where a manifest was signed."""
    return _(SIGNED_WHERE[manifest.is_on_phone])


def how_it_ended(manifest: Manifest, zone: str) -> str:
    """Return by whom, when and where a manifest was closed; `zone`: the station's, an IANA name."""
    if manifest.ended_at is None:
        raise ValueError("this manifest is open")
    when = moment(manifest.ended_at, zone)
    if manifest.state == ManifestState.CANCELLED:
        return _("This manifest is closed: it was given up, %(when)s.", when=when)
    if manifest.is_on_phone:
        return _(
            "This manifest is closed: %(name)s signed it on their own phone, %(when)s.",
            name=manifest.courier_name,
            when=when,
        )
    return _(
        "This manifest is closed: %(name)s signed it at the counter, %(when)s.",
        name=manifest.courier_name,
        when=when,
    )
