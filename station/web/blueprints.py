"""Every blueprint of the product, one line for each room."""

from flask import Blueprint

from station.accounts.views import bp as accounts
from station.carriers.key_views import bp as carrier_keys
from station.carriers.views import bp as carriers
from station.claims.resident_views import bp as me_group_claims
from station.claims.views import bp as group_claims
from station.couriers.entry_views import bp as courier_entry
from station.couriers.people_views import bp as courier_people
from station.couriers.views import bp as couriers
from station.days.views import bp as days
from station.disputes.api import bp as disputes_api
from station.disputes.courier_views import bp as courier_disputes
from station.disputes.views import bp as disputes
from station.drops.api import bp as drops_api
from station.drops.courier_views import bp as drops_courier
from station.drops.views import bp as drops
from station.group_buys.desk_views import bp as group_desk
from station.group_buys.goods_views import bp as me_group_goods
from station.group_buys.news_views import bp as group_news
from station.group_buys.poster_views import bp as group_posters
from station.group_buys.resident_views import bp as me_group_buys
from station.group_buys.share_views import bp as group_share
from station.group_buys.sharing_views import bp as group_sharing
from station.group_buys.supplier_views import bp as suppliers
from station.group_buys.views import bp as group_buys
from station.kiosks.api import bp as kiosks_api
from station.kiosks.case_views import bp as kiosk_cases
from station.kiosks.views import bp as kiosks
from station.kiosks.watch_api import bp as kiosk_watch_api
from station.labels.views import bp as labels
from station.ledger.account_views import bp as money_accounts
from station.ledger.charge_views import bp as charges
from station.ledger.drawer_views import bp as drawer
from station.ledger.journal_views import bp as journals
from station.ledger.move_views import bp as money_moves
from station.ledger.settings_views import bp as money_settings
from station.ledger.settlement_views import bp as settlements
from station.ledger.views import bp as ledger
from station.manifests.api import bp as manifests_api
from station.manifests.missed_views import bp as missed
from station.manifests.views import bp as manifests
from station.me.choice_views import bp as me_choices
from station.me.data_views import bp as me_data
from station.me.extension_views import bp as me_extension
from station.me.identity_views import bp as me_identity
from station.me.link_views import bp as me_links
from station.me.proxy_views import bp as me_proxies
from station.me.tracking_views import bp as me_tracking
from station.me.views import bp as me
from station.network.views import bp as network
from station.notices.channel_views import bp as notice_channels
from station.notices.message_views import bp as messages
from station.notices.word_views import bp as message_words
from station.parcel_fees.views import bp as parcel_fees
from station.parcels.api import bp as parcels_api
from station.parcels.check_in_views import bp as check_in
from station.parcels.hand_over_views import bp as hand_over
from station.parcels.parcel_views import bp as parcel
from station.parcels.views import bp as parcels
from station.payments.callback_views import bp as payment_callbacks
from station.payments.counter_views import bp as payment_counter
from station.payments.provider_views import bp as payment_providers
from station.payments.reconciliation_views import bp as reconciliation
from station.payments.resident_views import bp as me_pay
from station.payments.scan_views import bp as payment_scan
from station.payments.test_views import bp as test_payments
from station.payments.views import bp as payments
from station.payments.waiting_views import bp as payment_waiting
from station.quality.views import bp as quality
from station.reports.export_views import bp as export
from station.reports.views import bp as reports
from station.residents.api import bp as residents_api
from station.residents.views import bp as people
from station.returns.api import bp as returns_api
from station.returns.courier_views import bp as hand_backs
from station.returns.unclaimed_views import bp as unclaimed
from station.returns.views import bp as returns
from station.shelves.views import bp as shelves
from station.stocktakes.finding_views import bp as stocktake_findings
from station.stocktakes.views import bp as stocktakes
from station.tracking.api import bp as tracking_api
from station.tracking.views import bp as webhooks
from station.web.openapi import bp as openapi
from station.web.views import bp as web

# (blueprint, whether it is a JSON API or a provider's callback: no cookie counts there, so exempt from the CSRF check)
BLUEPRINTS: tuple[tuple[Blueprint, bool], ...] = (
    (accounts, False),
    (carrier_keys, False),
    (carriers, False),
    (charges, False),
    (check_in, False),
    (hand_over, False),
    (courier_entry, False),
    (courier_people, False),
    (couriers, False),
    (courier_disputes, False),
    (days, False),
    (disputes, False),
    (disputes_api, True),
    (drawer, False),
    (drops, False),
    (drops_api, False),
    (drops_courier, False),
    (hand_backs, False),
    (export, False),
    (group_buys, False),
    (group_claims, False),
    (group_desk, False),
    (group_news, False),
    (group_posters, False),
    (group_share, False),
    (group_sharing, False),
    (kiosks_api, True),
    (kiosk_cases, False),
    (kiosk_watch_api, True),
    (kiosks, False),
    (manifests, False),
    (manifests_api, True),
    (journals, False),
    (labels, False),
    (ledger, False),
    (me, False),
    (me_choices, False),
    (me_data, False),
    (me_group_buys, False),
    (me_group_claims, False),
    (me_group_goods, False),
    (me_identity, False),
    (me_extension, False),
    (me_links, False),
    (me_pay, False),
    (me_proxies, False),
    (me_tracking, False),
    (message_words, False),
    (messages, False),
    (missed, False),
    (money_accounts, False),
    (money_moves, False),
    (money_settings, False),
    (network, False),
    (notice_channels, False),
    (openapi, True),
    (parcel, False),
    (parcel_fees, False),
    (parcels, False),
    (parcels_api, True),
    (payment_callbacks, True),
    (payment_counter, False),
    (payment_waiting, False),
    (payment_scan, False),
    (payment_providers, False),
    (payments, False),
    (people, False),
    (quality, False),
    (reconciliation, False),
    (reports, False),
    (residents_api, True),
    (returns, False),
    (returns_api, True),
    (settlements, False),
    (shelves, False),
    (stocktake_findings, False),
    (stocktakes, False),
    (suppliers, False),
    (test_payments, False),
    (tracking_api, True),
    (unclaimed, False),
    (web, False),
    (webhooks, False),
)
