"""Every table of the product, gathered for migrations and tests. Rooms import their own models, never this."""

from station.accounts import models as accounts
from station.carriers import models as carriers
from station.claims import models as claims
from station.core import idempotency, ids, throttle
from station.core.db import Base
from station.couriers import models as couriers
from station.days import models as days
from station.disputes import models as disputes
from station.drops import models as drops
from station.events import models as events
from station.group_buys import models as group_buys
from station.group_buys import news_models as group_news
from station.jobs import models as jobs
from station.kiosks import models as kiosks
from station.kiosks import watch_models as kiosk_watch
from station.ledger import models as ledger
from station.manifests import models as manifests
from station.network import models as network
from station.notices import models as notices
from station.parcel_fees import models as parcel_fees
from station.parcels import models as parcels
from station.payments import book_models as payment_books
from station.payments import models as payments
from station.residents import models as residents
from station.returns import models as returns
from station.shelves import models as shelves
from station.stocktakes import models as stocktakes
from station.tracking import models as tracking

ROOMS = (
    accounts,
    carriers,
    claims,
    couriers,
    days,
    disputes,
    drops,
    events,
    group_buys,
    group_news,
    idempotency,
    ids,
    jobs,
    kiosk_watch,
    kiosks,
    ledger,
    manifests,
    network,
    notices,
    parcel_fees,
    parcels,
    payment_books,
    payments,
    residents,
    returns,
    shelves,
    stocktakes,
    throttle,
    tracking,
)
metadata = Base.metadata

REFERENCE = frozenset({"agreement_texts", "carriers", "cities", "identity_keys", "stations"})
DIRECTORY = frozenset(
    {
        "accounts",
        "account_directory",
        "attempts",
        "courier_invitations",
        "courier_phones",
        "couriers",
        "job_runs",
        "kiosk_codes",
        "memberships",
        "message_links",
        "node_leases",
        "phone_stations",
        "scheduler_leases",
        "sign_in_codes",
    }
)
TENANT = frozenset(
    {
        "agreements",
        "announcements",
        "arrivals",
        "attachments",
        "campaign_delays",
        "campaign_offers",
        "campaign_pictures",
        "campaign_points",
        "campaign_reminders",
        "campaign_surplus",
        "campaign_tiers",
        "campaigns",
        "carrier_keys",
        "check_in_batches",
        "claim_pictures",
        "consent_records",
        "courier_applications",
        "courier_carriers",
        "custody_anchors",
        "custody_events",
        "custody_heads",
        "days",
        "devices",
        "digit_secrets",
        "dispute_parcels",
        "disputes",
        "drawer_counts",
        "drop_scans",
        "drops",
        "face_enrolments",
        "group_orders",
        "hand_overs",
        "idempotent_answers",
        "journal_notes",
        "journals",
        "kiosk_alerts",
        "kiosk_conflicts",
        "kiosk_photos",
        "kiosk_releases",
        "kiosk_reports",
        "kiosk_rules",
        "kiosk_sessions",
        "kiosk_thumbnails",
        "kiosk_unfinished",
        "layers",
        "ledger_accounts",
        "ledger_closes",
        "ledger_rules",
        "manifest_faults",
        "manifests",
        "message_prices",
        "message_templates",
        "missed_reports",
        "open_questions",
        "order_bags",
        "order_claims",
        "outbox_messages",
        "outbox_parcels",
        "parcel_fee_counts",
        "parcel_fees",
        "parcels",
        "payment_notices",
        "payment_providers",
        "payments",
        "pickup_codes",
        "postings",
        "proxies",
        "recipient_notes",
        "recipient_preferences",
        "recipient_prefixes",
        "recipients",
        "reconciliation_lines",
        "reconciliations",
        "refunds",
        "refused_scans",
        "return_items",
        "return_manifests",
        "settlements",
        "shelves",
        "shifts",
        "special_days",
        "station_channels",
        "station_settings",
        "stocktake_findings",
        "stocktake_scans",
        "stocktakes",
        "supplier_orders",
        "suppliers",
        "surplus_uses",
        "test_movements",
        "unclaimed_parcels",
        "used_identity_codes",
        "webhook_deliveries",
        "webhooks",
    }
)
