"""Tables of group buys: suppliers, campaigns with their prices, pictures and points, orders, and what came and left."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Encrypted, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk

OPEN = text("state = 'open'")
LIVE = text("state not in ('cancelled', 'fallen')")
HELD = text("state = 'held'")
CAMPAIGN_STATES = (
    "'draft', 'open', 'closed', 'ordered', 'arrived', 'sharing', 'finished', 'failed', 'cancelled'"
)
ORDER_STATES = (
    "'held', 'placed', 'waiting', 'cancelled', 'fallen', 'allocated', 'nothing', 'ready', 'collected',"
    " 'unclaimed', 'closed'"
)


class Supplier(TenantRow, Base):
    """Who delivers the goods of a campaign, and how the order reaches them."""

    __tablename__ = "suppliers"
    __table_args__ = tenant_args(
        UniqueConstraint("station_id", "name"), CheckConstraint("language in ('en', 'zh')", "language")
    )

    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(Encrypted)
    email: Mapped[str | None] = mapped_column(Encrypted)
    language: Mapped[str] = mapped_column(String(5))  # in which the order is written
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Campaign(TenantRow, Base):
    """Something neighbours buy together until a cut-off.

    `ordered_units` counts what held and placed orders ask for, without their tolerance; the database itself keeps it
    at or below `maximum_total`, so the last unit has one buyer. It stays as it was at cut-off.
    """

    __tablename__ = "campaigns"
    __table_args__ = tenant_args(
        tenant_fk("supplier_id", "suppliers"),
        UniqueConstraint("station_id", "number"),
        UniqueConstraint("station_id", "share_token"),
        Index("ix_campaigns_station_id_state", "station_id", "state", "cut_off_at"),
        Index("ix_campaigns_cut_off", "station_id", "cut_off_at", sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint(f"state in ({CAMPAIGN_STATES})", "state"),
        CheckConstraint("storage in ('room', 'chilled', 'frozen')", "storage"),
        CheckConstraint("pays in ('before', 'at_pickup')", "pays"),
        CheckConstraint("at_cut_off in ('close', 'close_if_minimum', 'close_and_order')", "at_cut_off"),
        CheckConstraint("unclaimed_rule in ('refund', 'donate', 'keep_charge')", "unclaimed_rule"),
        CheckConstraint("box_size >= 1", "box_size"),
        CheckConstraint("commission_bp between 0 and 10000", "commission_bp"),
        CheckConstraint("minimum_total is null or minimum_total >= 1", "minimum_total"),
        CheckConstraint(
            "minimum_total is null or maximum_total is null or minimum_total <= maximum_total", "range"
        ),
        CheckConstraint(
            "ordered_units >= 0 and (maximum_total is null or ordered_units <= maximum_total)",
            "ordered_units",
        ),
    )

    number: Mapped[int] = mapped_column(Integer)  # what people call it: small, counted per station
    share_token: Mapped[str] = mapped_column(String(24))  # of its public page; unguessable
    state: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(60))  # what one of it is, in words: "box of 6, 1.5 kg"
    currency: Mapped[str] = mapped_column(String(3))
    supplier_id: Mapped[int] = mapped_column(BigInteger)
    storage: Mapped[str] = mapped_column(String(8))
    minimum_total: Mapped[int | None] = mapped_column(Integer)
    maximum_total: Mapped[int | None] = mapped_column(Integer)
    per_person_most: Mapped[int | None] = mapped_column(Integer)
    # The supplier delivers whole boxes of so many units.
    box_size: Mapped[int] = mapped_column(Integer, default=1)
    commission_bp: Mapped[int] = mapped_column(Integer, default=0)  # hundredths of a percent of the sale
    pays: Mapped[str] = mapped_column(String(10))
    at_cut_off: Mapped[str] = mapped_column(String(16))
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cut_off_at: Mapped[datetime] = mapped_column(UtcDateTime)
    arrives_on: Mapped[date] = mapped_column(Date)
    # Hours from being ready; None: the station's rules.
    collect_h: Mapped[int | None] = mapped_column(Integer)
    unclaimed_rule: Mapped[str] = mapped_column(String(12))
    claim_h: Mapped[int | None] = mapped_column(Integer)  # hours from collection; None: by the storage
    ordered_units: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=1)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Buyers, before a cut-off that would fail.
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sharing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # finished, failed or cancelled
    end_reason: Mapped[str | None] = mapped_column(String(200))  # what buyers are told when it is cancelled


class CampaignTier(Tenant, Base):
    """The price of a unit from a total on."""

    __tablename__ = "campaign_tiers"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"),
        CheckConstraint("from_total >= 1", "from_total"),
        CheckConstraint("unit_price_minor >= 1", "unit_price_minor"),
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    from_total: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)


class CampaignPicture(TenantRow, Base):
    """A picture of the goods. Everybody may see it, so it is not encrypted."""

    __tablename__ = "campaign_pictures"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"),
        UniqueConstraint("station_id", "campaign_id", "place"),
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[int] = mapped_column(Integer)  # 1 is shown first
    media_type: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    small: Mapped[bytes | None] = mapped_column(LargeBinary)  # for lists; the oldest ones have none


class CampaignPoint(Tenant, Base):
    """A station where orders of a campaign can be collected; the campaign's own one is a row too."""

    __tablename__ = "campaign_points"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"), CheckConstraint("share_bp between 0 and 10000", "share_bp")
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    point_station_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    share_bp: Mapped[int] = mapped_column(Integer, default=0)  # of the sale, for the work there


class GroupOrder(TenantRow, Base):
    """What one person orders in a campaign.

    `ranked_at` says whose turn it is: it stays when less is asked for and moves when more is.
    """

    __tablename__ = "group_orders"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"),
        tenant_fk("recipient_id", "recipients"),
        Index(
            "uq_group_orders_live",
            "station_id",
            "campaign_id",
            "recipient_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        Index("ix_group_orders_rank", "station_id", "campaign_id", "state", "ranked_at", "id"),
        Index("ix_group_orders_station_id_recipient_id", "station_id", "recipient_id"),
        Index("ix_group_orders_held", "station_id", "hold_until", sqlite_where=HELD, postgresql_where=HELD),
        CheckConstraint(f"state in ({ORDER_STATES})", "state"),
        CheckConstraint("quantity >= 1 or (quantity = 0 and state = 'cancelled')", "quantity"),
        CheckConstraint("tolerance >= 0", "tolerance"),
        CheckConstraint("(state = 'held') = (hold_until is not null)", "hold_until"),
        CheckConstraint("allocated is null or allocated between 0 and quantity + tolerance", "allocated"),
        CheckConstraint("delivered is null or delivered between 0 and allocated", "delivered"),
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger)
    recipient_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int | None] = mapped_column(BigInteger)  # who ordered on a phone; None: at the counter
    point_station_id: Mapped[int] = mapped_column(BigInteger)  # where it is collected
    quantity: Mapped[int] = mapped_column(Integer)
    tolerance: Mapped[int] = mapped_column(Integer, default=0)  # so many more if it helps to fill a box
    state: Mapped[str] = mapped_column(String(10))
    ranked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hold_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    allocated: Mapped[int | None] = mapped_column(Integer)
    unit_price_minor: Mapped[int | None] = mapped_column(BigInteger)  # as it was charged
    delivered: Mapped[int | None] = mapped_column(Integer)
    result: Mapped[str | None] = mapped_column(String(24))  # why it got so many: a code of the allocation
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class SupplierOrder(TenantRow, Base):
    """What a supplier was asked for: once for each campaign. It names no buyer."""

    __tablename__ = "supplier_orders"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"), UniqueConstraint("station_id", "campaign_id")
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[int] = mapped_column(Integer)
    boxes: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Arrival(TenantRow, Base):
    """A crate that came: what was counted in it, what was missing and what was damaged."""

    __tablename__ = "arrivals"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"),
        UniqueConstraint("station_id", "campaign_id", "crate"),
        CheckConstraint("counted >= 0", "counted"),
        CheckConstraint("short >= 0", "short"),
        CheckConstraint("damaged between 0 and counted", "damaged"),
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger)
    crate: Mapped[str] = mapped_column(String(40))
    counted: Mapped[int] = mapped_column(Integer)
    short: Mapped[int] = mapped_column(Integer, default=0)
    damaged: Mapped[int] = mapped_column(Integer, default=0)
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    media_type: Mapped[str | None] = mapped_column(String(20))
    picture: Mapped[bytes | None] = mapped_column(LargeBinary)


class OrderBag(TenantRow, Base):
    """What is packed for one order: a parcel at the point where it is collected, once it stands on a shelf there."""

    __tablename__ = "order_bags"
    __table_args__ = tenant_args(
        tenant_fk("order_id", "group_orders"),
        UniqueConstraint("station_id", "order_id"),
        Index("ix_order_bags_parcel", "station_id", "point_station_id", "parcel_id"),
        CheckConstraint("units >= 1", "units"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger)
    point_station_id: Mapped[int] = mapped_column(BigInteger)
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)  # of that station, so no foreign key
    units: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    collect_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    release_agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # its owner lets others have it
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CampaignOffer(TenantRow, Base):
    """Units nobody claimed, or that are left over, offered to somebody on the waiting list."""

    __tablename__ = "campaign_offers"
    __table_args__ = tenant_args(
        tenant_fk("campaign_id", "campaigns"),
        tenant_fk("bag_id", "order_bags"),
        tenant_fk("order_id", "group_orders"),
        Index("ix_campaign_offers_station_id_order_id", "station_id", "order_id"),
        CheckConstraint("units >= 1", "units"),
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger)
    # Whose units they are; None: left over beyond all orders.
    bag_id: Mapped[int | None] = mapped_column(BigInteger)
    order_id: Mapped[int] = mapped_column(BigInteger)  # who is asked
    units: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
