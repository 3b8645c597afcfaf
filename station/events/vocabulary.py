"""The reasons that the custody log may name, a closed list. Pure.

The log can never be changed, so nobody may put a name or a phone number there: `append` refuses every other reason.
What a code means in words is said by the room that shows it (parcels/words.py); a test holds the two together.
"""

REASONS = frozenset(
    {
        # A hand-over is taken back
        "wrong_parcel",
        "wrong_person",
        "not_taken",
        # A parcel was not given back after all
        "not_picked_up",
        # A courier does not take a parcel that is on their manifest
        "not_there",
        "not_ours",
        # A parcel is held, returned, lost, written off
        "recipient_away",
        "payment_due",
        "complaint",
        "carrier_asks",
        "not_collected",
        "refused",
        "damaged",
        "wrong_station",
        "not_found",
        "taken_by_mistake",
        "destroyed",
        "settled",
        # A parcel nobody collects and no carrier takes back, and what was done with it
        "carrier_refused",
        "carrier_gone",
        "no_sender",
        "to_carrier",
        "to_post",
        # Somebody looks behind the mask
        "call",
        "check_person",
        # A channel gave a message up
        "file_not_writable",
        "channel_broke",
        "gateway_unreachable",
        "gateway_busy",
        "gateway_failed",
        "gateway_settings",
        "address_refused",
        "text_refused",
        "no_channel",
    }
)
