"""What people may ask of a group buy and its money, as strategies."""

from hypothesis import strategies as st

from station.claims.rules import BorneBy
from station.group_buys.plans import AtCutOff, Pays, UnclaimedRule
from station.group_buys.prices import Tier

# The last is the first under another name, as couriers write it: the two may be merged.
NEIGHBOURS = (
    ("13812345000", "王芳"),
    ("13812345001", "陈晓明"),
    ("13812345002", "李娜"),
    ("13812345000", "王方"),
)
PEOPLE = len(NEIGHBOURS)
WHO = st.integers(0, PEOPLE - 1)
WHICH = st.integers(0, 20)
AMOUNT = st.sampled_from([1, 999, 3000, 50_000])
PREPAID = st.sampled_from([999, 50_000, 50_000, 50_000])
UNITS = st.integers(0, 6)
MORE = st.integers(0, 3)
# What a forger may change of a callback that was signed.
FORGED = st.sampled_from(["number", "amount_minor", "currency", "status", "notice", "signature", "ref"])
TERMS = st.fixed_dictionaries(
    {
        "tiers": st.sampled_from([(Tier(1, 999),), (Tier(1, 999), Tier(5, 851), Tier(9, 703))]),
        "box_size": st.sampled_from([1, 1, 3]),
        "minimum_total": st.sampled_from([1, 1, 1, 6]),
        "maximum_total": st.sampled_from([None, 6, 6, 9]),
        "commission_bp": st.sampled_from([0, 333, 1250]),
        "pays": st.sampled_from(Pays),
        "at_cut_off": st.sampled_from(AtCutOff),
        "unclaimed_rule": st.sampled_from(UnclaimedRule),
        "collect_h": st.sampled_from([None, 6]),
    }
)
AWAY_OR_HERE = st.sampled_from([False, False, True])  # where an order is collected
ANSWERS = st.sampled_from([*BorneBy, "refuse", "withdraw"])  # what becomes of a complaint
SHARE = st.sampled_from([0, 250, 1999])
