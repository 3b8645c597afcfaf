"""The words of measures, comparisons and periods; translated where they are shown."""

from station.core.i18n import lazy as _l
from station.quality.measures import Measure
from station.quality.periods import Choice
from station.quality.rates import Trend

MEASURES = {
    Measure.WRONG_STATION: _l("Wrong station"),
    Measure.NO_PHONE: _l("No phone number"),
    Measure.DAMAGED: _l("Damaged"),
    Measure.LATE: _l("Late"),
    Measure.CONSENT_MISSING: _l("Consent missing"),
}
RULES = {
    Measure.WRONG_STATION: _l("Staff marked it as belonging to another station."),
    Measure.NO_PHONE: _l("It was set aside at check-in because no phone number came with it."),
    Measure.DAMAGED: _l("Staff marked it as damaged, for whatever reason; the log says who and when."),
    Measure.LATE: _l(
        "Announced for a day and checked in after that day, or not yet here when it was over."
        " Counted of the announced parcels whose day is over, without those that were withdrawn."
    ),
    Measure.CONSENT_MISSING: _l("It came in without any consent of the recipient on record."),
}
TRENDS = {
    Trend.HIGHER: _l("more than before"),
    Trend.LOWER: _l("fewer than before"),
    Trend.UNCLEAR: _l("no clear difference"),
    Trend.TOO_FEW: _l("too few to compare"),
}
PERIODS = {
    Choice.THIS_WEEK: _l("This week"),
    Choice.LAST_WEEK: _l("Last week"),
    Choice.THIS_MONTH: _l("This month"),
    Choice.LAST_MONTH: _l("Last month"),
    Choice.RANGE: _l("From … to …"),
}
