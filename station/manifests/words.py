"""What the pages and reports of this room say: fields, faults of rows, and why a file cannot be read."""

from station.core.i18n import lazy as _l
from station.manifests.cells import Why
from station.manifests.columns import Field
from station.manifests.lifecycle import ManifestState

FIELDS: dict[str, str] = {
    Field.WAYBILL: _l("Waybill"),
    Field.PHONE: _l("Phone"),
    Field.NAME: _l("Name"),
    Field.SIZE: _l("Size"),
    Field.CONSENT: _l("Consent"),
    Field.CONSENT_HOW: _l("How the consent is known"),
    Field.CARRIER: _l("Carrier"),
    Field.DAY: _l("Expected day"),
}
FAULTS: dict[str, str] = {
    Why.UNREADABLE: _l(
        "There are characters that cannot be read. Save the file as UTF-8 and upload it again."
    ),
    Why.WAYBILL_MISSING: _l("There is no waybill in this row."),
    Why.WAYBILL_WRONG: _l("This is not a waybill number."),
    Why.SHORTENED: _l(
        "The spreadsheet shortened this number and its digits are lost. Format the column as text and fill it again."
    ),
    Why.PHONE_WRONG: _l("This is not a phone number, a privacy number or a masked number."),
    Why.NAME_WRONG: _l("This cannot be a name."),
    Why.SIZE_WRONG: _l("Write small, medium or large."),
    Why.CONSENT_WRONG: _l("Write declared_by_courier, this_parcel or unknown, or leave it empty."),
    Why.CONSENT_HOW: _l(
        "Say how the consent is known: courier for declared_by_courier, phone_call or in_person for this_parcel."
    ),
    Why.CONSENT_PHONE: _l("A consent needs the whole phone number of who gave it."),
    Why.CARRIER_WRONG: _l("This carrier is not known."),
    Why.CARRIER_MISSING: _l(
        "The number does not tell the carrier. Name it in the row or for the whole file."
    ),
    Why.DAY_WRONG: _l("Write the day as 2026-11-21."),
    Why.DAY_FAR: _l("This day is too far away. Look at the year and the month."),
    Why.REFUSED: _l("The station does not take this row as it is."),
}
SHEETS: dict[str, str] = {
    "empty": _l("There is nothing in this file."),
    "not_a_table": _l("This is not a table. Upload a CSV or an Excel file (.xlsx)."),
    "old_excel": _l("This is an old Excel file (.xls). Save it as .xlsx or CSV and upload that."),
    "broken_workbook": _l("This Excel file is damaged or protected. Save it again as .xlsx or CSV."),
    "too_large_inside": _l("This Excel file is too large when it is unpacked. Save it as CSV."),
    "too_large": _l("This file is larger than 24 MB. Upload it in parts."),
    "too_many_rows": _l("This file has more than 100,000 rows. Upload it in parts."),
    "too_many_columns": _l("A row has more than 60 columns. Delete those that are not needed."),
    "quote_open": _l("A quotation mark is opened and never closed."),
    "line_too_long": _l("A line is too long for a table. Upload a CSV or an Excel file (.xlsx)."),
}
STATES: dict[ManifestState, str] = {
    ManifestState.DRAFT: _l("Columns to confirm"),
    ManifestState.RUNNING: _l("Being imported"),
    ManifestState.DONE: _l("Imported"),
    ManifestState.FAILED: _l("Stopped by a fault"),
    ManifestState.CANCELLED: _l("Given up"),
}
