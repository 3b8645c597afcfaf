"""The form that chooses the days to look at. It only reads, so it comes in the address and carries no token."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import DateField, SelectField
from wtforms.validators import Optional

from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.quality import words
from station.quality.periods import LONGEST, Choice, Period, chosen
from station.web.forms import Form, choices


class PeriodForm(Form):
    """A period by its name, or from one day to another."""

    class Meta(Form.Meta):
        """Comes in the address of a page that changes nothing."""

        csrf = False

    period = SelectField(
        _l("Period"),
        default=Choice.LAST_WEEK.value,
        choices=choices((choice.value, label) for choice, label in words.PERIODS.items()),
    )
    first = DateField(_l("First day"), validators=[Optional()])
    last = DateField(_l("Last day"), validators=[Optional()])

    def __init__(self, today: date, said: Mapping[str, str]) -> None:
        """Read what an address says; `today` is the station's date."""
        super().__init__(formdata=said)
        self.today = today

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Tell whether the form names days that are over or today, at most LONGEST of them."""
        if not super().validate(extra_validators):
            return False
        problem = self._problem() if self.choice is Choice.RANGE else ""
        if problem:
            self.last.errors = [problem]
        return not problem

    @property
    def choice(self) -> Choice:
        """Return what is asked for, once it is known to be valid."""
        return Choice(self.period.data)

    def days(self) -> Period:
        """Return the days of a valid form."""
        first, last = self.first.data, self.last.data
        if self.choice is Choice.RANGE and first and last:
            return Period(first, last)
        return chosen(self.choice, self.today)

    def _problem(self) -> str:
        first, last = self.first.data, self.last.data
        if not first or not last:
            return _("Say both days.")
        if first > last:
            return _("The first day must not be after the last.")
        if last > self.today:
            return _("The last day must not be after today.")
        if Period(first, last).length > LONGEST:
            return _("Choose at most %(days)s days.", days=LONGEST)
        return ""
