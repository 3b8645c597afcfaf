"""Create every table of the first release.

The first release: there is nothing before it that could be running.
"""

import sqlalchemy as sa
from alembic import op
from station.core.db import Encrypted, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("login", sa.String(length=40), nullable=True),
        sa.Column("name", Encrypted(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("contrast", sa.String(length=10), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("signed_in_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    op.create_table(
        "attempts",
        sa.Column("key_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_attempts")),
    )
    op.create_table(
        "carriers",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_carriers")),
    )
    op.create_table(
        "cities",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cities")),
        sa.UniqueConstraint("name", name=op.f("uq_cities_name")),
    )
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("slot", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("result", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "node_leases",
        sa.Column("node", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_node_leases")),
    )
    op.create_table(
        "scheduler_leases",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scheduler_leases")),
    )
    op.create_table(
        "account_directory",
        sa.Column("phone_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_directory_account_id")
        ),
        sa.PrimaryKeyConstraint("phone_hash", name=op.f("pk_account_directory")),
    )
    with op.batch_alter_table("account_directory", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_directory_account_id"), ["account_id"], unique=False)

    op.create_table(
        "stations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("city_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_stations_city_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
    )
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stations_city_id"), ["city_id"], unique=False)

    op.create_table(
        "custody_anchors",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_custody_anchors_station_id")),
        sa.PrimaryKeyConstraint("station_id", "seq", name=op.f("pk_custody_anchors")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "custody_events",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_custody_events_station_id")),
        sa.PrimaryKeyConstraint("station_id", "seq", name=op.f("pk_custody_events")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("custody_events", schema=None) as batch_op:
        batch_op.create_index("ix_custody_events_station_id_at", ["station_id", "at"], unique=False)
        batch_op.create_index(
            "ix_custody_events_station_id_parcel_id_seq", ["station_id", "parcel_id", "seq"], unique=False
        )

    op.create_table(
        "custody_heads",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_custody_heads_station_id")),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_custody_heads")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "days",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=40), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("anchor_seq", sa.BigInteger(), nullable=True),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_days_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_days")),
        sa.UniqueConstraint("station_id", "day", name=op.f("uq_days_station_id_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "devices",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_devices_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_devices")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotent_answers",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("answer", Encrypted(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_idempotent_answers_station_id")
        ),
        sa.PrimaryKeyConstraint(
            "station_id", "actor", "operation", "key", name=op.f("pk_idempotent_answers")
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("idempotent_answers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_idempotent_answers_station_id_created_at", ["station_id", "created_at"], unique=False
        )

    op.create_table(
        "memberships",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_memberships_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_station_id"), ["station_id"], unique=False)
        batch_op.create_index(
            "uq_memberships_account_id_station_id_role", ["account_id", "station_id", "role"], unique=True
        )

    op.create_table(
        "recipients",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("phone", Encrypted(), nullable=False),
        sa.Column("phone_kind", sa.String(length=16), nullable=False),
        sa.Column("phone_tail", sa.String(length=4), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", Encrypted(), nullable=True),
        sa.Column("name_masked", sa.String(length=60), nullable=False),
        sa.Column("standing_choice", sa.String(length=10), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "standing_choice in ('station', 'door', 'locker', 'ask')",
            name=op.f("ck_recipients_standing_choice"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_recipients_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_recipients")),
        sa.UniqueConstraint(
            "station_id",
            "phone_hash",
            "name_hash",
            name=op.f("uq_recipients_station_id_phone_hash_name_hash"),
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("recipients", schema=None) as batch_op:
        batch_op.create_index(
            "ix_recipients_station_id_phone_tail", ["station_id", "phone_tail"], unique=False
        )

    op.create_table(
        "refused_scans",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("scanned_at", UtcDateTime(), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("raw", Encrypted(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_refused_scans_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_refused_scans")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("refused_scans", schema=None) as batch_op:
        batch_op.create_index("ix_refused_scans_station_id_at", ["station_id", "at"], unique=False)

    op.create_table(
        "shelves",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("is_set_aside", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_shelves_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_shelves")),
        sa.UniqueConstraint("station_id", "code", name=op.f("uq_shelves_station_id_code")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shifts",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_shifts_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_shifts")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.create_index("ix_shifts_station_id_started_at", ["station_id", "started_at"], unique=False)
        batch_op.create_index(
            "uq_shifts_open",
            ["station_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("ended_at is null"),
            postgresql_where=sa.text("ended_at is null"),
        )

    op.create_table(
        "special_days",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("opens", sa.String(length=5), nullable=True),
        sa.Column("closes", sa.String(length=5), nullable=True),
        sa.Column("declared_by", sa.BigInteger(), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind in ('holiday', 'closure', 'open')", name=op.f("ck_special_days_kind")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_special_days_order")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_special_days_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_special_days")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("special_days", schema=None) as batch_op:
        batch_op.create_index(
            "ix_special_days_station_id_first_day", ["station_id", "first_day"], unique=False
        )

    op.create_table(
        "station_settings",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("remind_h", sa.Integer(), nullable=False),
        sa.Column("overdue_h", sa.Integer(), nullable=False),
        sa.Column("alert_h", sa.Integer(), nullable=False),
        sa.Column("return_h", sa.Integer(), nullable=False),
        sa.Column("numbering", sa.String(length=10), nullable=False),
        sa.Column("counter_space", sa.Integer(), nullable=False),
        sa.Column("cool_normal_h", sa.Integer(), nullable=False),
        sa.Column("cool_tight_h", sa.Integer(), nullable=False),
        sa.Column("cool_floor_h", sa.Integer(), nullable=False),
        sa.Column("unknown_consent", sa.String(length=16), nullable=False),
        sa.Column("notice_delay_s", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("weekly_hours", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("numbering in ('waybill', 'counter')", name=op.f("ck_station_settings_numbering")),
        sa.CheckConstraint(
            "unknown_consent in ('store_and_ask', 'set_aside')",
            name=op.f("ck_station_settings_unknown_consent"),
        ),
        sa.CheckConstraint(
            "remind_h <= overdue_h and overdue_h <= alert_h and alert_h <= return_h",
            name=op.f("ck_station_settings_storage_order"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_station_settings_station_id")),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_station_settings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "consent_records",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=True),
        sa.Column("choice", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_consent_records_station_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_consent_records_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_consent_records")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("consent_records", schema=None) as batch_op:
        batch_op.create_index(
            "ix_consent_records_station_id_parcel_id", ["station_id", "parcel_id"], unique=False
        )
        batch_op.create_index(
            "ix_consent_records_station_id_recipient_id", ["station_id", "recipient_id"], unique=False
        )

    op.create_table(
        "layers",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shelf_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("size_class", sa.String(length=8), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.CheckConstraint("size_class in ('small', 'medium', 'large')", name=op.f("ck_layers_size_class")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_layers_capacity")),
        sa.CheckConstraint("stored >= 0", name=op.f("ck_layers_stored")),
        sa.ForeignKeyConstraint(
            ["station_id", "shelf_id"],
            ["shelves.station_id", "shelves.id"],
            name=op.f("fk_layers_station_id_shelf_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_layers_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_layers")),
        sa.UniqueConstraint(
            "station_id", "shelf_id", "number", name=op.f("uq_layers_station_id_shelf_id_number")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox_messages",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state in ('open', 'claimed', 'sent', 'dead', 'dropped')", name=op.f("ck_outbox_messages_state")
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_outbox_messages_station_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_outbox_messages_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_outbox_messages")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_messages_station_id_created_at", ["station_id", "created_at"], unique=False
        )
        batch_op.create_index(
            "ix_outbox_messages_due",
            ["station_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("state in ('open', 'claimed')"),
            postgresql_where=sa.text("state in ('open', 'claimed')"),
        )
        batch_op.create_index(
            "uq_outbox_messages_open",
            ["station_id", "recipient_id", "topic"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "recipient_prefixes",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("prefix_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_recipient_prefixes_station_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_recipient_prefixes_station_id")
        ),
        sa.PrimaryKeyConstraint(
            "station_id", "prefix_hash", "recipient_id", name=op.f("pk_recipient_prefixes")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "check_in_batches",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("layer_id", sa.BigInteger(), nullable=True),
        sa.Column("carrier", sa.String(length=12), nullable=True),
        sa.Column("is_silent", sa.Boolean(), nullable=False),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.Column("size_class", sa.String(length=8), nullable=False),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_check_in_batches_carrier")),
        sa.ForeignKeyConstraint(
            ["station_id", "layer_id"],
            ["layers.station_id", "layers.id"],
            name=op.f("fk_check_in_batches_station_id_layer_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_check_in_batches_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_check_in_batches")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("check_in_batches", schema=None) as batch_op:
        batch_op.create_index(
            "ix_check_in_batches_station_id_opened_by", ["station_id", "opened_by", "closed_at"], unique=False
        )

    op.create_table(
        "outbox_parcels",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id", "message_id"],
            ["outbox_messages.station_id", "outbox_messages.id"],
            name=op.f("fk_outbox_parcels_station_id_message_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_outbox_parcels_station_id")),
        sa.PrimaryKeyConstraint("station_id", "message_id", "parcel_id", name=op.f("pk_outbox_parcels")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("outbox_parcels", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_parcels_station_id_parcel_id", ["station_id", "parcel_id"], unique=False
        )

    op.create_table(
        "open_questions",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("waybill", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=True),
        sa.Column("recipient_id", sa.BigInteger(), nullable=True),
        sa.Column("consent", sa.String(length=20), nullable=True),
        sa.Column("consent_how", sa.String(length=20), nullable=True),
        sa.Column("scanned_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_open_questions_carrier")),
        sa.ForeignKeyConstraint(
            ["station_id", "batch_id"],
            ["check_in_batches.station_id", "check_in_batches.id"],
            name=op.f("fk_open_questions_station_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_open_questions_station_id")),
        sa.PrimaryKeyConstraint("station_id", "batch_id", name=op.f("pk_open_questions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "parcels",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("waybill", sa.String(length=32), nullable=False),
        sa.Column("waybill_tail", sa.String(length=4), nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=True),
        sa.Column("layer_id", sa.BigInteger(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("pickup_code", sa.String(length=24), nullable=True),
        sa.Column("needs_sticker", sa.Boolean(), nullable=False),
        sa.Column("size_class", sa.String(length=8), nullable=False),
        sa.Column("consent_basis", sa.String(length=20), nullable=False),
        sa.Column("problem", sa.String(length=20), nullable=True),
        sa.Column("hold_reason", sa.String(length=120), nullable=True),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("announced_at", UtcDateTime(), nullable=True),
        sa.Column("stored_at", UtcDateTime(), nullable=True),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.Column("write_off_reason", sa.String(length=120), nullable=True),
        sa.Column("write_off_by", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state in ('stored', 'returning')) = (layer_id is not null)", name=op.f("ck_parcels_place")
        ),
        sa.CheckConstraint(
            "consent_basis in ('standing', 'this_parcel', 'declared_by_courier', 'unknown')",
            name=op.f("ck_parcels_consent_basis"),
        ),
        sa.ForeignKeyConstraint(["carrier"], ["carriers.code"], name=op.f("fk_parcels_carrier")),
        sa.ForeignKeyConstraint(
            ["station_id", "batch_id"],
            ["check_in_batches.station_id", "check_in_batches.id"],
            name=op.f("fk_parcels_station_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "layer_id"],
            ["layers.station_id", "layers.id"],
            name=op.f("fk_parcels_station_id_layer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "recipient_id"],
            ["recipients.station_id", "recipients.id"],
            name=op.f("fk_parcels_station_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_parcels_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_parcels")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("parcels", schema=None) as batch_op:
        batch_op.create_index(
            "ix_parcels_due",
            ["station_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'stored'"),
            postgresql_where=sa.text("state = 'stored'"),
        )
        batch_op.create_index(
            "ix_parcels_overdue",
            ["station_id", "stored_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'stored' and level in ('overdue', 'alert', 'return')"),
            postgresql_where=sa.text("state = 'stored' and level in ('overdue', 'alert', 'return')"),
        )
        batch_op.create_index("ix_parcels_station_id_batch_id", ["station_id", "batch_id"], unique=False)
        batch_op.create_index(
            "ix_parcels_station_id_layer_id",
            ["station_id", "layer_id"],
            unique=False,
            sqlite_where=sa.text("state = 'stored'"),
            postgresql_where=sa.text("state = 'stored'"),
        )
        batch_op.create_index("ix_parcels_station_id_left_at", ["station_id", "left_at"], unique=False)
        batch_op.create_index(
            "ix_parcels_station_id_recipient_id", ["station_id", "recipient_id"], unique=False
        )
        batch_op.create_index(
            "ix_parcels_station_id_state_stored_at", ["station_id", "state", "stored_at", "id"], unique=False
        )
        batch_op.create_index("ix_parcels_station_id_waybill", ["station_id", "waybill"], unique=False)
        batch_op.create_index(
            "ix_parcels_station_id_waybill_tail", ["station_id", "waybill_tail"], unique=False
        )
        batch_op.create_index(
            "ix_parcels_troubled",
            ["station_id", "stored_at", "id"],
            unique=False,
            sqlite_where=sa.text(
                "state in ('stored', 'returning', 'lost') and (problem is not null or hold_reason is not null or write_off_by is not null)"
            ),
            postgresql_where=sa.text(
                "state in ('stored', 'returning', 'lost') and (problem is not null or hold_reason is not null or write_off_by is not null)"
            ),
        )
        batch_op.create_index(
            "uq_parcels_active_waybill",
            ["station_id", "waybill"],
            unique=True,
            sqlite_where=sa.text("state in ('expected', 'stored', 'returning', 'lost')"),
            postgresql_where=sa.text("state in ('expected', 'stored', 'returning', 'lost')"),
        )

    op.create_table(
        "attachments",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id", "parcel_id"],
            ["parcels.station_id", "parcels.id"],
            name=op.f("fk_attachments_station_id_parcel_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_attachments_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_attachments")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attachments_station_id_parcel_id", ["station_id", "parcel_id"], unique=False
        )

    op.create_table(
        "hand_overs",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("taken_by", sa.String(length=10), nullable=False),
        sa.Column("proxy_name", Encrypted(), nullable=True),
        sa.Column("handed_by", sa.String(length=40), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("taken_by in ('recipient', 'proxy')", name=op.f("ck_hand_overs_taken_by")),
        sa.ForeignKeyConstraint(
            ["station_id", "parcel_id"],
            ["parcels.station_id", "parcels.id"],
            name=op.f("fk_hand_overs_station_id_parcel_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_hand_overs_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_hand_overs")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.create_index("ix_hand_overs_station_id_parcel_id", ["station_id", "parcel_id"], unique=False)
        batch_op.create_index(
            "uq_hand_overs_valid",
            ["station_id", "parcel_id"],
            unique=True,
            sqlite_where=sa.text("undone_at is null"),
            postgresql_where=sa.text("undone_at is null"),
        )

    op.create_table(
        "pickup_codes",
        sa.Column("station_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("layer_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("rule", sa.String(length=16), nullable=False),
        sa.Column("regime", sa.String(length=10), nullable=False),
        sa.Column("cool_down_s", sa.Integer(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.Column("space", sa.Integer(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id", "layer_id"],
            ["layers.station_id", "layers.id"],
            name=op.f("fk_pickup_codes_station_id_layer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id", "parcel_id"],
            ["parcels.station_id", "parcels.id"],
            name=op.f("fk_pickup_codes_station_id_parcel_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_pickup_codes_station_id")),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_pickup_codes")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("pickup_codes", schema=None) as batch_op:
        batch_op.create_index(
            "ix_pickup_codes_number", ["station_id", "layer_id", "number", "released_at"], unique=False
        )
        batch_op.create_index(
            "ix_pickup_codes_released", ["station_id", "layer_id", "released_at"], unique=False
        )
        batch_op.create_index("ix_pickup_codes_station_id_code", ["station_id", "code"], unique=False)
        batch_op.create_index(
            "ix_pickup_codes_station_id_parcel_id", ["station_id", "parcel_id"], unique=False
        )
        batch_op.create_index(
            "uq_pickup_codes_in_use",
            ["station_id", "layer_id", "number"],
            unique=True,
            sqlite_where=sa.text("released_at is null"),
            postgresql_where=sa.text("released_at is null"),
        )


def downgrade():
    with op.batch_alter_table("pickup_codes", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_pickup_codes_in_use",
            sqlite_where=sa.text("released_at is null"),
            postgresql_where=sa.text("released_at is null"),
        )
        batch_op.drop_index("ix_pickup_codes_station_id_parcel_id")
        batch_op.drop_index("ix_pickup_codes_station_id_code")
        batch_op.drop_index("ix_pickup_codes_released")
        batch_op.drop_index("ix_pickup_codes_number")

    op.drop_table("pickup_codes")
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hand_overs_valid",
            sqlite_where=sa.text("undone_at is null"),
            postgresql_where=sa.text("undone_at is null"),
        )
        batch_op.drop_index("ix_hand_overs_station_id_parcel_id")

    op.drop_table("hand_overs")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index("ix_attachments_station_id_parcel_id")

    op.drop_table("attachments")
    with op.batch_alter_table("parcels", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_parcels_active_waybill",
            sqlite_where=sa.text("state in ('expected', 'stored', 'returning', 'lost')"),
            postgresql_where=sa.text("state in ('expected', 'stored', 'returning', 'lost')"),
        )
        batch_op.drop_index(
            "ix_parcels_troubled",
            sqlite_where=sa.text(
                "state in ('stored', 'returning', 'lost') and (problem is not null or hold_reason is not null or write_off_by is not null)"
            ),
            postgresql_where=sa.text(
                "state in ('stored', 'returning', 'lost') and (problem is not null or hold_reason is not null or write_off_by is not null)"
            ),
        )
        batch_op.drop_index("ix_parcels_station_id_waybill_tail")
        batch_op.drop_index("ix_parcels_station_id_waybill")
        batch_op.drop_index("ix_parcels_station_id_state_stored_at")
        batch_op.drop_index("ix_parcels_station_id_recipient_id")
        batch_op.drop_index("ix_parcels_station_id_left_at")
        batch_op.drop_index(
            "ix_parcels_station_id_layer_id",
            sqlite_where=sa.text("state = 'stored'"),
            postgresql_where=sa.text("state = 'stored'"),
        )
        batch_op.drop_index("ix_parcels_station_id_batch_id")
        batch_op.drop_index(
            "ix_parcels_overdue",
            sqlite_where=sa.text("state = 'stored' and level in ('overdue', 'alert', 'return')"),
            postgresql_where=sa.text("state = 'stored' and level in ('overdue', 'alert', 'return')"),
        )
        batch_op.drop_index(
            "ix_parcels_due",
            sqlite_where=sa.text("state = 'stored'"),
            postgresql_where=sa.text("state = 'stored'"),
        )

    op.drop_table("parcels")
    op.drop_table("open_questions")
    with op.batch_alter_table("outbox_parcels", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_parcels_station_id_parcel_id")

    op.drop_table("outbox_parcels")
    with op.batch_alter_table("check_in_batches", schema=None) as batch_op:
        batch_op.drop_index("ix_check_in_batches_station_id_opened_by")

    op.drop_table("check_in_batches")
    op.drop_table("recipient_prefixes")
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_outbox_messages_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index("ix_outbox_messages_station_id_created_at")
        batch_op.drop_index(
            "ix_outbox_messages_due",
            sqlite_where=sa.text("state in ('open', 'claimed')"),
            postgresql_where=sa.text("state in ('open', 'claimed')"),
        )

    op.drop_table("outbox_messages")
    op.drop_table("layers")
    with op.batch_alter_table("consent_records", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_records_station_id_recipient_id")
        batch_op.drop_index("ix_consent_records_station_id_parcel_id")

    op.drop_table("consent_records")
    op.drop_table("station_settings")
    with op.batch_alter_table("special_days", schema=None) as batch_op:
        batch_op.drop_index("ix_special_days_station_id_first_day")

    op.drop_table("special_days")
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_shifts_open",
            sqlite_where=sa.text("ended_at is null"),
            postgresql_where=sa.text("ended_at is null"),
        )
        batch_op.drop_index("ix_shifts_station_id_started_at")

    op.drop_table("shifts")
    op.drop_table("shelves")
    with op.batch_alter_table("refused_scans", schema=None) as batch_op:
        batch_op.drop_index("ix_refused_scans_station_id_at")

    op.drop_table("refused_scans")
    with op.batch_alter_table("recipients", schema=None) as batch_op:
        batch_op.drop_index("ix_recipients_station_id_phone_tail")

    op.drop_table("recipients")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index("uq_memberships_account_id_station_id_role")
        batch_op.drop_index(batch_op.f("ix_memberships_station_id"))

    op.drop_table("memberships")
    with op.batch_alter_table("idempotent_answers", schema=None) as batch_op:
        batch_op.drop_index("ix_idempotent_answers_station_id_created_at")

    op.drop_table("idempotent_answers")
    op.drop_table("devices")
    op.drop_table("days")
    op.drop_table("custody_heads")
    with op.batch_alter_table("custody_events", schema=None) as batch_op:
        batch_op.drop_index("ix_custody_events_station_id_parcel_id_seq")
        batch_op.drop_index("ix_custody_events_station_id_at")

    op.drop_table("custody_events")
    op.drop_table("custody_anchors")
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stations_city_id"))

    op.drop_table("stations")
    with op.batch_alter_table("account_directory", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_directory_account_id"))

    op.drop_table("account_directory")
    op.drop_table("scheduler_leases")
    op.drop_table("node_leases")
    op.drop_table("job_runs")
    op.drop_table("cities")
    op.drop_table("carriers")
    op.drop_table("attempts")
    op.drop_table("accounts")
