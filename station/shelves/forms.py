"""Forms of the shelves pages. Every field is bounded; labels are translated where shown."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, Field, IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.shelves.cards import SHELF_CODE
from station.shelves.placing import SIZES
from station.shelves.queries import ShelfFacts
from station.shelves.service import LayerSize
from station.shelves.storage import NAMES, Storage
from station.web.forms import Form, choices

MOST_LAYERS = 20  # a ladder's height of narrow layers
LARGEST_CAPACITY = 999
SMALLEST_SPACE, LARGEST_SPACE = 100, 99_999  # five digits are the longest number seen in pickup codes


def _warm(form: Form, field: Field) -> None:
    """Require a set-aside shelf to be at room temperature."""
    if field.data and form["storage"].data != Storage.ROOM:
        raise ValidationError(_("A set-aside shelf is at room temperature: parcels of any kind land there."))


def _storage_field() -> SelectField:
    return SelectField(
        _l("Storage"),
        description=_l("A cold shelf is only for bags of group buys that have to be kept just so."),
        choices=choices(NAMES.items()),
        default=Storage.ROOM,
    )


def _set_aside_field() -> BooleanField:
    return BooleanField(
        _l("Set-aside shelf: for parcels with a problem, until it is solved"), validators=[_warm]
    )


class AddShelfForm(Form):
    """A new shelf with equal layers."""

    code = StringField(
        _l("Name on the shelf"),
        description=_l("1 to 8 letters A to Z or digits. It stands in every pickup code and never changes."),
        validators=[InputRequired(), Length(max=20)],
    )
    layers = IntegerField(_l("Layers"), default=4, validators=[InputRequired(), NumberRange(1, MOST_LAYERS)])
    capacity = IntegerField(
        _l("Parcels on one layer"), default=40, validators=[InputRequired(), NumberRange(1, LARGEST_CAPACITY)]
    )
    size_class = SelectField(_l("Made for parcels of size"), choices=choices(SIZES.items()), default="medium")
    storage = _storage_field()
    is_set_aside = _set_aside_field()

    def validate_code(self, field: Field) -> None:
        """Require a code that pickup codes can carry; full-width and small letters are put right."""
        plain = unicodedata.normalize("NFKC", field.data or "").strip().upper()
        if not SHELF_CODE.fullmatch(plain):
            raise ValidationError(_("Use 1 to 8 letters A to Z or digits, such as 12 or M."))
        field.data = plain


class ShelfForm(Form):
    """What a shelf is for; the fields of its layers are added by `shelf_form`."""

    storage = _storage_field()
    is_set_aside = _set_aside_field()

    def sizes(self) -> Mapping[int, LayerSize]:
        """Return what was typed for each layer, by its number."""
        values = self.data
        numbers = [int(name.removeprefix("capacity_")) for name in values if name.startswith("capacity_")]
        return {
            number: LayerSize(
                values[f"capacity_{number}"], values[f"size_{number}"], values[f"numbers_{number}"]
            )
            for number in numbers
        }


def _enough_numbers(form: Form, field: Field) -> None:
    """Require a number for every parcel the layer holds."""
    capacity = form[field.name.replace("numbers_", "capacity_")].data
    if None not in (capacity, field.data) and field.data < capacity:
        raise ValidationError(_("A layer needs at least as many numbers as it holds parcels."))


def shelf_form(shelf: ShelfFacts) -> ShelfForm:
    """Return a form with a capacity, a size and how many numbers for each layer of a shelf."""
    fields: dict[str, Any] = {}
    stored: dict[str, Any] = {"is_set_aside": shelf.is_set_aside, "storage": shelf.storage}
    for layer in shelf.layers:
        fields[f"capacity_{layer.number}"] = IntegerField(
            _("Parcels on layer %(number)s", number=layer.number),
            validators=[InputRequired(), NumberRange(1, LARGEST_CAPACITY)],
        )
        fields[f"numbers_{layer.number}"] = IntegerField(
            _("Numbers of layer %(number)s", number=layer.number),
            validators=[InputRequired(), NumberRange(SMALLEST_SPACE, LARGEST_SPACE), _enough_numbers],
        )
        fields[f"size_{layer.number}"] = SelectField(
            _("Size on layer %(number)s", number=layer.number), choices=choices(SIZES.items())
        )
        stored[f"capacity_{layer.number}"] = layer.capacity
        stored[f"size_{layer.number}"] = layer.size_class
        stored[f"numbers_{layer.number}"] = layer.counter_space
    form: ShelfForm = type("LayersForm", (ShelfForm,), fields)(data=stored)
    return form
