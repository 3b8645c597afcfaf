"""The tables of carriers, and of the keys by which their systems speak to a station."""

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base, Tenant, tenant_args, tenant_fk


class Carrier(Base):
    """A parcel company (reference table), filled from catalogue.py."""

    __tablename__ = "carriers"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name_en: Mapped[str] = mapped_column(String(40))
    name_zh: Mapped[str] = mapped_column(String(40))


class CarrierKeyRow(Tenant, Base):
    """Whose a carrier's key is and what it opens. The token is a row of devices; `device_id` is its id."""

    __tablename__ = "carrier_keys"
    __table_args__ = tenant_args(tenant_fk("device_id", "devices"))

    device_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    carrier: Mapped[str] = mapped_column(String(12), ForeignKey("carriers.code"))
    scopes: Mapped[str] = mapped_column(String(60))  # in order, a blank between two
    per_minute: Mapped[int] = mapped_column(Integer)  # requests
