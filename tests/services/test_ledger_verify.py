"""`station verify` names a ledger that somebody edited."""

from sqlalchemy import update

from station.core.db import connection, transaction
from station.jobs import alerts
from station.ledger.models import LedgerPosting
from tests import ledger
from tests.ledger import CASH, RESIDENT


def test_verify_names_an_edited_ledger(app, station):
    journal_id = ledger.post(station.manager, (CASH, RESIDENT, 100))
    run = app.test_cli_runner()
    assert run.invoke(args=["station", "verify"]).exit_code == 0

    with transaction():
        mine = LedgerPosting.station_id == station.id
        connection().execute(update(LedgerPosting).where(mine).values(amount_minor=1))
    answer = run.invoke(args=["station", "verify"])

    assert answer.exit_code == 1
    assert f"the ledger is broken: journal {journal_id} is not what was posted" in answer.output


def test_nightly_check_counts_an_edited_ledger_as_broken(app, station):
    ledger.post(station.manager, (CASH, RESIDENT, 100))
    settings = app.config["SETTINGS"]
    assert alerts.verify_logs(settings) == "1 whole, 0 broken"
    with transaction():
        mine = LedgerPosting.station_id == station.id
        connection().execute(update(LedgerPosting).where(mine).values(amount_minor=1))
    assert alerts.verify_logs(settings) == "0 whole, 1 broken"
