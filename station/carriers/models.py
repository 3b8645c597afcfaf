"""The table of carriers."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from station.core.db import Base


class Carrier(Base):
    """A parcel company (reference table), filled from catalogue.py."""

    __tablename__ = "carriers"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name_en: Mapped[str] = mapped_column(String(40))
    name_zh: Mapped[str] = mapped_column(String(40))
