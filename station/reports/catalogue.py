"""What a station takes along when it leaves: every table with a name for people, and what is left out and why. Pure.

A new table must be named here, or left out with a reason: a test compares both with the tables as they are declared.
"""

from station.core.i18n import lazy as _l

TABLES: dict[str, str] = {
    "agreements": _l("Separate agreements of residents"),
    "announcements": _l("What carriers announced of parcels"),
    "arrivals": _l("Crates of group buys that came"),
    "attachments": _l("Pictures and signatures of parcels"),
    "campaign_delays": _l("Later arrival days of group buys"),
    "campaign_offers": _l("Goods of group buys offered to who waits"),
    "campaign_pictures": _l("Pictures of group buys"),
    "campaign_points": _l("Where group buys are collected"),
    "campaign_reminders": _l("Who wants to hear before a group buy closes"),
    "campaign_surplus": _l("What came beyond all orders of group buys"),
    "campaign_tiers": _l("Prices of group buys"),
    "campaigns": _l("Group buys"),
    "carrier_keys": _l("What carriers’ systems may do"),
    "check_in_batches": _l("Batches of check-in"),
    "claim_pictures": _l("Pictures of complaints about goods"),
    "consent_records": _l("Where residents let parcels be left"),
    "courier_applications": _l("Couriers who wait for a word"),
    "courier_carriers": _l("Couriers and their carriers"),
    "custody_anchors": _l("Signed heads of the custody log"),
    "custody_events": _l("The custody log"),
    "custody_heads": _l("The newest link of the custody log"),
    "days": _l("Days of the day book"),
    "devices": _l("Devices, kiosks and carriers’ systems"),
    "dispute_parcels": _l("Parcels that disputes are about"),
    "disputes": _l("Disputes with carriers; the attached log as JSON"),
    "drawer_counts": _l("Counts of the drawer"),
    "drop_scans": _l("Scans of couriers"),
    "drops": _l("Visits of couriers"),
    "face_enrolments": _l("At which kiosk a face is enrolled, never the face"),
    "group_orders": _l("Orders of group buys"),
    "hand_overs": _l("Hand-overs"),
    "journal_notes": _l("Notes about journals"),
    "journals": _l("Journals of the ledger"),
    "kiosk_alerts": _l("Calls from kiosks"),
    "kiosk_conflicts": _l("Hand-overs the books refused"),
    "kiosk_photos": _l("Which picture is of which hand-over"),
    "kiosk_releases": _l("Releases that kiosks asked for"),
    "kiosk_reports": _l("What kiosks said of themselves"),
    "kiosk_rules": _l("What kiosks may do"),
    "kiosk_sessions": _l("Visits at kiosks"),
    "kiosk_unfinished": _l("Hand-overs a kiosk did not finish"),
    "layers": _l("Layers of shelves"),
    "ledger_accounts": _l("Accounts of the ledger"),
    "ledger_closes": _l("Closed days of the ledger"),
    "ledger_rules": _l("Rules about money"),
    "manifest_faults": _l("Announced rows that were refused"),
    "manifests": _l("Announcements of carriers"),
    "message_prices": _l("What messages cost"),
    "message_templates": _l("The station’s own words"),
    "missed_reports": _l("Announced parcels that did not come"),
    "open_questions": _l("Questions at check-in"),
    "order_bags": _l("Bags of group buys"),
    "order_claims": _l("Complaints about goods of group buys"),
    "outbox_messages": _l("Messages"),
    "outbox_parcels": _l("Which parcels a message tells of"),
    "parcel_fee_counts": _l("Parcels that earned a fee"),
    "parcel_fees": _l("What carriers pay for parcels"),
    "parcels": _l("Parcels"),
    "payment_notices": _l("What payment providers said"),
    "payment_providers": _l("Ways to pay"),
    "payments": _l("Payments"),
    "pickup_codes": _l("Pickup codes"),
    "postings": _l("Postings of the ledger"),
    "proxies": _l("Who may collect for others"),
    "recipient_notes": _l("Notes about residents"),
    "recipient_preferences": _l("How residents want to be written to"),
    "recipient_prefixes": _l("The index of names"),
    "recipients": _l("Residents"),
    "reconciliation_lines": _l("Differences to providers’ files"),
    "reconciliations": _l("Comparisons with providers’ files"),
    "refunds": _l("Refunds"),
    "refused_scans": _l("Refused scans"),
    "return_items": _l("Parcels on return manifests"),
    "return_manifests": _l("Return manifests"),
    "settlements": _l("Settlements"),
    "shelves": _l("Shelves"),
    "shifts": _l("Shifts"),
    "special_days": _l("Holidays and closures"),
    "station_channels": _l("Ways to reach people"),
    "station_settings": _l("Settings of the station"),
    "stocktake_findings": _l("Differences of stocktakes"),
    "stocktake_scans": _l("Scans of stocktakes"),
    "stocktakes": _l("Stocktakes"),
    "supplier_orders": _l("Orders sent to suppliers"),
    "suppliers": _l("Suppliers"),
    "surplus_uses": _l("What was done with goods left over"),
    "test_movements": _l("What the test provider remembers"),
    "unclaimed_parcels": _l("The register of unclaimable parcels"),
    "webhook_deliveries": _l("What carriers’ systems are owed"),
    "webhooks": _l("Where carriers’ systems are told"),
}

STAFF = ("account_id", "login", "name", "role", "disabled_at")
"""Columns of staff.csv. Accounts are of the whole installation, so their table is of no station."""

COURIERS = ("account_id", "name", "disabled_at")
"""Columns of couriers.csv: who left and fetched parcels here is part of their proof; their numbers are their own."""

FILES = TABLES | {
    "couriers": _l("Couriers: whom an actor such as courier:123 names"),
    "staff": _l("Staff: whom an actor such as staff:123 names"),
}
"""Every CSV file by its name without the ending."""

_ADDRESS = _l("It opens a page of this installation and means nothing elsewhere.")
_KEYED = _l("Whoever knows it could act in somebody’s place.")
_PROVIDER = _l("Keys and passwords of a provider: set them up anew where you go.")
_SMALL = _l("The same picture once more, made small for lists.")
_USED = _l("It only keeps something from being used twice at this installation.")

LEFT_OUT_TABLES: dict[str, str] = {
    "digit_secrets": _KEYED,
    "idempotent_answers": _l("Answers kept for repeated requests; some hold passwords shown once."),
    "kiosk_thumbnails": _l("A look through a kiosk’s camera is shown once, to whoever asked for it."),
    "used_identity_codes": _USED,
}
"""Tables nobody takes along, and why."""

LEFT_OUT_COLUMNS: dict[str, str] = {
    "campaign_pictures.small": _SMALL,
    "campaigns.share_token": _ADDRESS,
    "courier_applications.password_hash": _KEYED,
    "devices.previous_hash": _KEYED,
    "devices.token_hash": _KEYED,
    "kiosk_sessions.nonce": _USED,
    "payment_providers.options": _PROVIDER,
    "proxies.code_hash": _KEYED,
    "station_channels.options": _PROVIDER,
    "test_movements.code_hash": _KEYED,
    "webhooks.secret": _KEYED,
}
"""Columns that stay here, and why."""

PICTURES: dict[str, str] = {
    "arrivals": "picture",
    "attachments": "content",
    "campaign_pictures": "content",
    "claim_pictures": "content",
    "return_manifests": "signature",
}
"""The column of a table that holds a picture, whose type stands in `media_type`: it becomes a file of its own."""

DOCUMENTS = frozenset({"disputes.document"})
"""Columns of bytes that are UTF-8 text, and are written as text."""

SEALED = frozenset({"attachments", "claim_pictures", "return_manifests"})
"""Tables whose pictures are encrypted in the database."""
