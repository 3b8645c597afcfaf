"""The jobs of the scheduler as data, and what each does. Every one may run late, twice, or not for a day."""

from datetime import time, timedelta
from functools import partial

from station.backups import service as backups
from station.backups.queries import BACKUP, MADE
from station.claims import personal as claims
from station.core import clock, idempotency, throttle
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.settings import Settings
from station.couriers import applications, invitations
from station.couriers import phones as courier_phones
from station.events import anchors, message_retention, outbox, retention
from station.group_buys import bags as group_bags
from station.group_buys import cut_off, reminders, supplier_orders, unclaimed, waiting
from station.group_buys import jobs as group_buys
from station.jobs import alerts, runs
from station.jobs.queries import HEARTBEAT, HEARTBEAT_EVERY
from station.jobs.runs import Daily, Every, Job
from station.kiosks import alerts as kiosk_alerts
from station.kiosks import enrolment, pictures, reports, sessions, watch_queries
from station.ledger import jobs as ledger
from station.manifests import jobs as manifests
from station.network import queries as network
from station.notices import channel_settings, channels, dispatch
from station.parcels import overdue
from station.payments import jobs as payments
from station.residents import erasure, identity, links, proxies
from station.tracking import deliveries
from station.tracking import dispatch as tracking
from station.tracking import queries as carrier_events

ROUNDS = (
    1000  # of overdue.STEP parcels: more is the next run's, so that a wrong clock cannot keep a job for ever
)


def send_messages(settings: Settings) -> str:
    """Send what the outbox owes."""
    channels_of = partial(channel_settings.channels_for, settings=settings)
    tally = dispatch.run_all(channels_of, clock.now())
    return f"{tally.sent} sent, {tally.failed} failed, {tally.to_call} to call"


def tell_carriers(settings: Settings) -> str:
    """Tell carriers' webhooks what happened to their parcels."""
    tally = tracking.run_all(tracking.rule_of(settings), clock.now())
    return f"{tally.delivered} delivered, {tally.failed} failed, {tally.dead} given up"


def forget_deliveries(settings: Settings) -> str:
    """Forget deliveries to webhooks that were settled long ago."""
    forgotten = 0
    for station_id in _station_ids():
        with transaction():
            forgotten += deliveries.forget_old(station_id)
    return f"{forgotten} deliveries"


def enter_levels(settings: Settings) -> str:
    """Bring parcels whose next storage level has begun to it."""
    with reading():
        station_ids = overdue.due_stations(clock.now())
    return f"{sum(_enter_levels(station_id) for station_id in station_ids)} parcels"


def _enter_levels(station_id: int) -> int:
    entered = 0
    for _ in range(ROUNDS):
        with transaction():
            step = overdue.enter_levels(station_id)
        if not step:
            break
        entered += step
    return entered


def sign_heads(settings: Settings) -> str:
    """Sign the custody heads that moved, and export every anchor the files lack.

    One station's broken file keeps no other from its anchors. Raises StationError `anchor_invalid` for it at the end.
    """
    signed, broken = 0, []
    for station_id in _station_ids():
        with transaction():
            signed += anchors.sign_head(station_id) is not None
        try:
            _export(settings, station_id)
        except StationError as error:
            broken.append(error)
    if broken:
        raise broken[0]
    return f"{signed} signed"


def _export(settings: Settings, station_id: int) -> None:
    with reading():
        anchors.export(settings.instance, station_id)


def forget_old(settings: Settings) -> str:
    """Delete what is kept for a time only: answers, attempts, invitations, sessions, and old lines of the ledger."""
    answers = 0
    for station_id in _station_ids():
        with transaction():
            answers += idempotency.forget_old(station_id)
            applications.forget_old(station_id, clock.now())
    with transaction():
        lines = runs.forget_old(clock.now())
        throttle.forget_old(clock.now())
        links.forget_old(clock.now())
        invitations.forget_old(clock.now())
        courier_phones.forget_old(clock.now())
    return f"{answers} answers, {lines} runs"


def keep_identity(settings: Settings) -> str:
    """Change the key that signs identity codes when it is old, and forget used codes that expired."""
    with transaction():
        rotated = identity.rotate()
    forgotten = 0
    for station_id in _station_ids():
        with transaction():
            forgotten += identity.forget_used(station_id)
    return f"{'a new key' if rotated else 'the same key'}, {forgotten} codes forgotten"


def erase_scans(settings: Settings) -> str:
    """Erase what was read in refused scans of long ago."""
    erased = 0
    for station_id in _station_ids():
        with transaction():
            erased += retention.erase_refused_scans(station_id)
    return f"{erased} scans"


def erase_messages(settings: Settings) -> str:
    """Erase what messages of long ago said."""
    erased = 0
    for station_id in _station_ids():
        with transaction():
            erased += message_retention.erase_bodies(station_id)
    return f"{erased} messages"


def erase_claims(settings: Settings) -> str:
    """Erase words and pictures of old complaints about goods."""
    erased = 0
    for station_id in _station_ids():
        with transaction():
            erased += claims.erase_old(station_id)
    return f"{erased} complaints"


def forget_evidence(settings: Settings) -> str:
    """Erase the proof of old hand-overs to people who wished to be erased."""
    erased = 0
    for station_id in _station_ids():
        with transaction():
            erased += erasure.forget_evidence(station_id)
    return f"{erased} rows"


def erase_proxies(settings: Settings) -> str:
    """Erase who was once allowed to collect for others."""
    erased = 0
    for station_id in _station_ids():
        with transaction():
            erased += proxies.forget_people(station_id)
    return f"{erased} proxies"


def watch_kiosks(settings: Settings) -> str:
    """Call staff to kiosks that fell silent, and delete looks through a camera that nobody fetched."""
    with reading():
        station_ids = watch_queries.stations_with_kiosks()
    silent = looks = 0
    for station_id in station_ids:
        with transaction():
            silent += reports.find_silent(station_id)
            looks += pictures.forget_looks(station_id)
    return f"{silent} silent, {looks} looks deleted"


def forget_kiosks(settings: Settings) -> str:
    """Erase old photos of hand-overs, old calls of kiosks, old visits there, and enrolment codes that ended."""
    photos = calls = 0
    with transaction():
        enrolment.forget_old(clock.now())
    for station_id in _station_ids():
        with transaction():
            photos += pictures.forget_photos(station_id)
            calls += kiosk_alerts.forget_old(station_id)
            sessions.forget_old(station_id)
    return f"{photos} photos, {calls} calls"


def forget_messages(settings: Settings) -> str:
    """Remove old files of the console channel: they hold pickup codes."""
    return f"{channels.forget_old(channel_settings.messages_folder(settings))} days"


def back_up(settings: Settings) -> str:
    """Write the nightly backup."""
    return MADE + backups.make_nightly(settings).name


def say_alive(settings: Settings) -> str:
    """Leave the line in the ledger by which /healthz knows that the scheduler lives."""
    return "alive"


def _station_ids() -> list[int]:
    with reading():
        return [station.id for station in network.stations()]


# How often is ours: a person hears within seconds of the time set, a level shows within a minute (screens compute it
# anyway), and a forger has five minutes before the next anchor.
JOBS = (
    Job(HEARTBEAT, Every(HEARTBEAT_EVERY), say_alive),
    Job(
        "outbox",
        Every(timedelta(seconds=5)),
        send_messages,
        is_due=lambda now: bool(outbox.stations_due(now)),
    ),
    Job(
        "webhooks",
        Every(timedelta(seconds=5)),
        tell_carriers,
        is_due=lambda now: bool(carrier_events.due(now)),
    ),
    Job(
        "levels",
        Every(timedelta(minutes=1)),
        enter_levels,
        is_due=lambda now: bool(overdue.due_stations(now)),
    ),
    Job(alerts.ANCHORS, Every(timedelta(minutes=5)), sign_heads),
    Job(BACKUP, Daily(time(3)), back_up),
    Job("alerts", Every(timedelta(minutes=5)), alerts.look),
    Job("verify", Daily(time(5)), alerts.verify_logs),
    Job("forget", Daily(time(4)), forget_old),
    Job("identity", Daily(time(4)), keep_identity),
    Job("erase_scans", Daily(time(4)), erase_scans),
    Job("erase_proxies", Daily(time(4)), erase_proxies),
    Job("erase_claims", Daily(time(4)), erase_claims),
    Job("forget_evidence", Daily(time(4)), forget_evidence),
    Job("erase_messages", Daily(time(4)), erase_messages),
    Job("forget_messages", Daily(time(4)), forget_messages),
    Job("forget_deliveries", Daily(time(4)), forget_deliveries),
    Job("forget_kiosks", Daily(time(4)), forget_kiosks),
    Job(
        "manifests",
        Every(timedelta(seconds=5)),
        manifests.import_files,
        is_due=lambda now: manifests.is_importing(),
    ),
    Job(
        "payments",
        Every(timedelta(minutes=1)),
        payments.settle,
        is_due=lambda now: payments.is_waiting(),
    ),
    # Alipay writes a day's file by nine of the next morning (opendocs.alipay.com); what failed comes the day after.
    Job("payment_files", Daily(time(11)), payments.fetch_files),
    Job("missed", Daily(time(6)), manifests.report_missed),
    Job("ledger_days", Daily(time(1)), ledger.close_days),
    Job("forget_manifests", Daily(time(4)), manifests.forget),
    Job(
        "kiosks",
        Every(timedelta(minutes=1)),
        watch_kiosks,
        is_due=lambda now: bool(watch_queries.stations_with_kiosks()),
    ),
    # The clock decides whether an order is in time; the job only writes down what follows.
    Job(
        "cut_offs",
        Every(timedelta(seconds=30)),
        group_buys.cut_offs,
        is_due=lambda now: bool(cut_off.due_stations(now)),
    ),
    Job(
        "group_holds",
        Every(timedelta(minutes=1)),
        group_buys.let_holds_fall,
        is_due=lambda now: bool(waiting.stations_with_holds_over(now)),
    ),
    Job(
        "group_reminders",
        Every(timedelta(minutes=5)),
        group_buys.remind,
        is_due=lambda now: bool(reminders.due_stations(now)),
    ),
    Job(
        "supplier_orders",
        Every(timedelta(minutes=5)),
        group_buys.send_orders,
        is_due=lambda now: bool(supplier_orders.stations_with_unsent()),
    ),
    Job(
        "group_bags",
        Every(timedelta(minutes=1)),
        group_buys.follow_bags,
        is_due=lambda now: bool(group_bags.stations_sharing() or unclaimed.due_stations()),
    ),
)
