"""The words of what is stored as codes: kinds of difference, how they were settled, why a row is worth a look. Pure."""

from station.core.i18n import lazy as _l
from station.stocktakes.compare import Kind
from station.stocktakes.hints import Reason
from station.stocktakes.lifecycle import StocktakeState
from station.stocktakes.resolutions import Resolution

STATES = {
    StocktakeState.OPEN: _l("Under way"),
    StocktakeState.CLOSED: _l("Closed"),
    StocktakeState.ABANDONED: _l("Given up"),
}
KINDS = {
    Kind.MISSING: _l("Missing"),
    Kind.MISPLACED: _l("In another row"),
    Kind.EXTRA: _l("Not on a shelf by the books"),
}
MEANINGS = {
    Kind.MISSING: _l("By the books they are in a row that was counted, but nobody scanned them."),
    Kind.MISPLACED: _l("They were scanned in another row than the books say."),
    Kind.EXTRA: _l("They were scanned, but the books do not have them on a shelf."),
}
TO_DO = {
    Resolution.LOST: _l("Mark as lost"),
    Resolution.SEEN: _l("It is there after all"),
    Resolution.MOVED: _l("Move it in the books"),
    Resolution.PUT_BACK: _l("I put it back"),
    Resolution.FOUND: _l("Found again"),
    Resolution.CHECK_IN: _l("Check in"),
    Resolution.TAKEN_OUT: _l("I took it out"),
}
DONE = {
    Resolution.LOST: _l("Marked as lost"),
    Resolution.SEEN: _l("It was there after all"),
    Resolution.MOVED: _l("Moved in the books"),
    Resolution.PUT_BACK: _l("Put back"),
    Resolution.FOUND: _l("Found again"),
    Resolution.CHECK_IN: _l("Taken to check-in"),
    Resolution.TAKEN_OUT: _l("Taken out"),
}
REASONS = {
    Reason.SCANNED: _l("scanned there last"),
    Reason.CODE: _l("its code"),
    Reason.BESIDE: _l("beside that"),
    Reason.SET_ASIDE: _l("set aside"),
    Reason.BEFORE: _l("it was there before"),
}
