"""Taking a hand-over back through the API: the reason is chosen from a list, since the log keeps it for ever."""

import pytest
from sqlalchemy import func, select

from station.core.db import connection, reading
from station.events.models import CustodyEvent
from tests.factories import Station, store
from tests.http.scanner import Scanner, problem


@pytest.mark.parametrize(
    "reason", ["陈晓明 came back", "13812344068", "wrong_parcel\n", "WRONG_PARCEL", "refused", "", None, 1]
)
def test_a_typed_reason_is_refused_and_nothing_is_logged(
    scanner: Scanner, web_station: Station, reason: object
) -> None:
    stored = store(web_station)
    scanner.post(f"/parcels/{stored.parcel_id}/hand-over", {})
    answer = scanner.post(f"/parcels/{stored.parcel_id}/hand-over/undo", {"reason": reason})
    problem(answer, 422, "bad_input")
    with reading():
        undone = select(func.count()).where(CustodyEvent.kind == "hand_over_undone")
        assert connection().scalar(undone) == 0
