"""What the custody log says of group buys, a sentence for each kind of event; story.py tells them."""

from station.core.i18n import lazy as _l

GROUP_BUYS: dict[str, str] = {
    "supplier_added": _l("A supplier was added."),
    "supplier_changed": _l("A supplier was changed."),
    "supplier_retired": _l("A supplier was retired."),
    "supplier_reopened": _l("A supplier was taken back."),
    "campaign_created": _l("A group buy was made."),
    "campaign_changed": _l("A group buy was changed."),
    "campaign_opened": _l("A group buy was opened."),
    "campaign_cancelled": _l("A group buy was called off."),
    "campaign_picture_added": _l("A group buy got a picture."),
    "campaign_picture_removed": _l("A picture of a group buy was removed."),
    "group_order_placed": _l("Somebody ordered in a group buy."),
    "group_order_changed": _l("An order in a group buy was changed."),
    "group_order_cancelled": _l("An order in a group buy was taken back."),
    "group_order_fallen": _l(
        "An order in a group buy fell: not paid in time, or the group buy came to nothing."
    ),
    "group_order_moved_up": _l("An order moved up from the waiting list of a group buy."),
    "group_order_paid": _l("An order in a group buy was paid."),
    "campaign_closed": _l("A group buy was closed at its cut-off and shared out."),
    "campaign_failed": _l("A group buy failed at its cut-off."),
    "campaign_called_off": _l(
        "A group buy was called off after its cut-off; what was charged was given back."
    ),
    "supplier_order_made": _l("The order of a group buy was made for its supplier."),
    "supplier_order_sent": _l("The order of a group buy reached its supplier."),
    "crate_counted": _l("A crate of a group buy was counted."),
    "arrival_counted": _l("Everything of a group buy was counted; each order got its part of what came."),
    "storage_time_set": _l("How long it may wait was set, since it is fresh or the group buy says so."),
    "bags_packed": _l("The bags of a group buy were made."),
    "bag_ready": _l("The goods of an order stand on a shelf, ready to be collected."),
    "bag_collected": _l("The goods of an order were collected."),
    "bag_back": _l("The goods of an order were not collected after all."),
    "bag_left": _l("Nobody collected the goods of an order in time."),
    "bag_offered": _l("Goods that nobody collected were offered to the waiting list."),
    "bag_taken_over": _l("Somebody of the waiting list took goods that were left."),
    "bag_release_agreed": _l("The buyer lets others have the goods."),
    "bag_settled": _l("What becomes of goods that nobody collected was settled by the group buy's rule."),
    "surplus_offered": _l("Goods left over beyond all orders were offered to the waiting list."),
    "surplus_taken": _l("Somebody of the waiting list took goods that were left over."),
    "surplus_used": _l("Goods left over were returned, sold at the counter or given away."),
    "arrival_postponed": _l("A later arrival day of a group buy was noted, and its buyers told."),
    "late_order_given_back": _l(
        "A buyer gave an order back whose goods are late; the charge was given back."
    ),
    "campaign_reminder_asked": _l("Somebody asked to be reminded before a group buy closes."),
    "campaign_reminder_withdrawn": _l("Somebody wants no reminder of a group buy any more."),
    "campaign_reminders_sent": _l("Reminders of a group buy were owed before its cut-off."),
    "campaign_finished": _l("A group buy is over."),
    "claim_made": _l("A buyer said that something was wrong with goods of a group buy."),
    "claim_withdrawn": _l("A complaint about goods of a group buy was withdrawn."),
    "claim_refunded": _l("Money was given back for goods of a group buy that somebody complained about."),
    "claim_refused": _l("A complaint about goods of a group buy was refused, with a reason."),
    "claims_erased": _l("Words and pictures of old complaints about goods were erased."),
}
