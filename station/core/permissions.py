"""The one table of who may do what."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody is at a station or in the network."""

    NETWORK_ADMIN = "network_admin"
    MANAGER = "manager"
    CLERK = "clerk"
    DEVICE = "device"
    KIOSK = "kiosk"
    RESIDENT = "resident"
    COURIER = "courier"
    CARRIER = "carrier"
    SYSTEM = "system"


class Permission(StrEnum):
    """One thing that may be allowed."""

    CHECK_IN = "check_in"
    HAND_OVER = "hand_over"
    PARCELS_SEE = "parcels_see"
    PARCELS_CHANGE = "parcels_change"
    PARCELS_EXPORT = "parcels_export"
    WRITE_OFF = "write_off"
    UNMASK = "unmask"
    SHELVES_PRINT = "shelves_print"
    DAY_SEE = "day_see"
    DAY_CLOSE = "day_close"
    SETTINGS = "settings"
    STAFF = "staff"
    DEVICES = "devices"
    MESSAGES = "messages"
    BACKUP_SEE = "backup_see"
    STATION_EXPORT = "station_export"
    MONEY_SEE = "money_see"
    MONEY_CHANGE = "money_change"
    CASH = "cash"
    GROUP_BUYS = "group_buys"
    SHARE_OUT = "share_out"
    OWN_ACCOUNT = "own_account"
    OWN_PARCELS = "own_parcels"
    OWN_DROPS = "own_drops"
    NETWORK = "network"
    API = "api"
    KIOSK = "kiosk"
    CARRIER_API = "carrier_api"


_CLERK = frozenset(
    {
        Permission.CHECK_IN,
        Permission.HAND_OVER,
        Permission.PARCELS_SEE,
        Permission.PARCELS_CHANGE,
        Permission.WRITE_OFF,
        Permission.UNMASK,
        Permission.SHELVES_PRINT,
        Permission.DAY_SEE,
        Permission.CASH,
        Permission.SHARE_OUT,
        Permission.OWN_ACCOUNT,
    }
)
_MANAGER = _CLERK | {
    Permission.PARCELS_EXPORT,
    Permission.DAY_CLOSE,
    Permission.SETTINGS,
    Permission.STAFF,
    Permission.DEVICES,
    Permission.MESSAGES,
    Permission.BACKUP_SEE,
    Permission.STATION_EXPORT,
    Permission.MONEY_SEE,
    Permission.MONEY_CHANGE,
    Permission.GROUP_BUYS,
}

TABLE: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _CLERK,
    Role.MANAGER: _MANAGER,
    Role.NETWORK_ADMIN: _MANAGER | {Permission.NETWORK},
    Role.DEVICE: frozenset(
        {Permission.API, Permission.CHECK_IN, Permission.HAND_OVER, Permission.PARCELS_SEE}
    ),
    Role.KIOSK: frozenset({Permission.KIOSK}),  # stands in a hall: nothing beyond what a visit there needs
    Role.RESIDENT: frozenset({Permission.OWN_PARCELS}),
    Role.COURIER: frozenset({Permission.OWN_DROPS}),
    Role.CARRIER: frozenset(
        {Permission.CARRIER_API}
    ),  # a company's system: its own parcels, by its key's scopes
    Role.SYSTEM: frozenset(Permission),
}


def allowed(role: Role) -> frozenset[Permission]:
    """Return what `role` may do."""
    return TABLE[role]
