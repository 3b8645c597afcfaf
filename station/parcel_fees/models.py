"""Tables of what carriers pay for parcels: the fees, and how many parcels earned them. Rows are only ever added."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Tenant, TenantRow, UtcDateTime, tenant_args, tenant_fk


class ParcelFee(TenantRow, Base):
    """What a carrier pays for a parcel that is checked in on `first_day` or later, until another fee is set."""

    __tablename__ = "parcel_fees"
    __table_args__ = tenant_args(
        CheckConstraint("fee_minor >= 0", "fee"),
        CheckConstraint("earned_by in ('checked_in', 'handed_over')", "earned_by"),
    )

    carrier: Mapped[str] = mapped_column(String(12), ForeignKey("carriers.code"))
    first_day: Mapped[date] = mapped_column(Date)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    earned_by: Mapped[str] = mapped_column(String(12))  # a terms.Earned
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String(40))


class ParcelFeeCount(Tenant, Base):
    """How many more parcels than known before earned a fee on a day; less than none where something was put right."""

    __tablename__ = "parcel_fee_counts"
    __table_args__ = tenant_args(
        tenant_fk("fee_id", "parcel_fees"),
        tenant_fk("journal_id", "journals"),
        CheckConstraint("parcels <> 0", "parcels"),
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    fee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    parcels: Mapped[int] = mapped_column(Integer)
    journal_id: Mapped[int] = mapped_column(BigInteger)
