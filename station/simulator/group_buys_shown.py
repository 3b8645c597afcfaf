"""The group buys of the demo: goods, prices and who wants how much, one in every state a campaign can be in. Data only.

Everything is made up. Hours count back from the moment the demo is seeded; negative ones lie ahead.
"""

from dataclasses import dataclass

from station.group_buys.lifecycle import CampaignState
from station.group_buys.plans import AtCutOff, Pays, UnclaimedRule
from station.shelves.storage import Storage

ORCHARD, DAIRY, KITCHEN = (
    "赣南果农合作社 Gannan Growers",
    "绿野乳业 Green Field Dairy",
    "海味冷链 Cold Chain Foods",
)
SUPPLIERS = {
    ORCHARD: ("13800000301", "orders@gannan.example"),
    DAIRY: ("13800000302", ""),
    KITCHEN: ("13800000303", ""),
}
RESIDENT = 0  # the buyer whose phone number is printed at the start; the others are neighbours


@dataclass(frozen=True, slots=True)
class Want:
    """What a buyer asks for: units, and so many more to fill a box."""

    buyer: int
    quantity: int
    tolerance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A campaign of the demo and the state it is shown in. `prices`: (from so many units, minor units)."""

    reaches: CampaignState
    title: str
    text: str
    unit: str
    supplier: str
    prices: tuple[tuple[int, int], ...]
    made_h: float
    cut_off_h: float
    arrives_after: int = 1  # days after the cut-off
    wants: tuple[Want, ...] = ()
    storage: Storage = Storage.ROOM
    pays: Pays = Pays.BEFORE
    at_cut_off: AtCutOff = AtCutOff.CLOSE_AND_ORDER
    minimum: int | None = None
    maximum: int | None = None
    each: int | None = None
    box_size: int = 1
    commission_bp: int = 800
    collect_h: int | None = None
    unclaimed: UnclaimedRule = UnclaimedRule.REFUND
    drawn: str  # its picture in goods_drawn.py


ORANGES = Shown(
    reaches=CampaignState.FINISHED,
    drawn="oranges",
    title="赣南脐橙 Gannan navel oranges",
    text="果园直发，皮薄汁多。 Straight from the orchard: thin skin, much juice.",
    unit="2.5 kg/箱 box",
    supplier=ORCHARD,
    prices=((1, 2990), (10, 2790), (20, 2490)),
    made_h=216,
    cut_off_h=168,
    wants=(Want(RESIDENT, 2), Want(1, 5), Want(2, 4), Want(3, 6), Want(4, 4)),
)
CHERRIES = Shown(
    reaches=CampaignState.CANCELLED,
    drawn="cherries",
    title="车厘子 Cherries",
    text="空运到货，果径 28 毫米以上。 By air, 28 mm and larger.",
    unit="1 kg/盒 box",
    supplier=ORCHARD,
    prices=((1, 6990), (20, 6490)),
    made_h=110,
    cut_off_h=40,
    wants=(Want(5, 1), Want(6, 2), Want(7, 1)),
    storage=Storage.CHILLED,
)
APPLES = Shown(
    reaches=CampaignState.FAILED,
    drawn="apples",
    title="阿克苏苹果 Aksu apples",
    text="冰糖心，脆甜。 Crisp, with a sugar heart.",
    unit="5 kg/箱 box",
    supplier=ORCHARD,
    prices=((1, 4980), (60, 4280)),
    made_h=150,
    cut_off_h=72,
    wants=(Want(8, 2), Want(9, 1), Want(10, 3)),
    at_cut_off=AtCutOff.CLOSE_IF_MINIMUM,
    minimum=60,
)
STRAWBERRIES = Shown(
    reaches=CampaignState.SHARING,
    drawn="strawberries",
    title="丹东草莓 Dandong strawberries",
    text="当天采摘，请尽快食用。 Picked on the day: eat them soon.",
    unit="500 g/盒 box",
    supplier=ORCHARD,
    prices=((1, 2290), (12, 1990)),
    made_h=140,
    cut_off_h=54,
    wants=(
        Want(RESIDENT, 2), Want(1, 3), Want(2, 4), Want(3, 2), Want(4, 2), Want(5, 3), Want(6, 2), Want(7, 2),
        Want(8, 3),
    ),
    storage=Storage.CHILLED,
    pays=Pays.AT_PICKUP,
    maximum=18,
    box_size=6,
    collect_h=8,
    unclaimed=UnclaimedRule.KEEP_CHARGE,
)  # fmt: skip
MILK = Shown(
    reaches=CampaignState.ARRIVED,
    drawn="milk",
    title="牧场鲜牛奶 Fresh milk",
    text="巴氏杀菌，保质期 7 天。 Pasteurised, keeps for 7 days.",
    unit="950 ml/瓶 bottle",
    supplier=DAIRY,
    prices=((1, 1680), (24, 1480)),
    made_h=130,
    cut_off_h=50,
    arrives_after=2,
    wants=(Want(2, 6), Want(4, 6, 2), Want(9, 5, 1), Want(10, 4), Want(RESIDENT, 4)),
    storage=Storage.CHILLED,
    pays=Pays.AT_PICKUP,
    maximum=24,
    box_size=12,
    collect_h=24,
    unclaimed=UnclaimedRule.DONATE,
)
WALNUTS = Shown(
    reaches=CampaignState.ORDERED,
    drawn="nuts",
    title="新疆核桃 Xinjiang walnuts",
    text="薄皮纸核桃；因大雪封路，到货推迟。 Thin-shelled; late because of snow on the road.",
    unit="1 kg/袋 bag",
    supplier=KITCHEN,
    prices=((1, 5800), (10, 5200)),
    made_h=180,
    cut_off_h=128,
    wants=(Want(RESIDENT, 1), Want(3, 2), Want(6, 3), Want(8, 2)),
    pays=Pays.AT_PICKUP,
)
DUMPLINGS = Shown(
    reaches=CampaignState.ORDERED,
    drawn="dumplings",
    title="手工水饺 Handmade dumplings",
    text="猪肉白菜馅，冷冻配送。 Pork and cabbage, delivered frozen.",
    unit="1 kg/袋 bag",
    supplier=KITCHEN,
    prices=((1, 3280), (10, 2980)),
    made_h=120,
    cut_off_h=30,
    arrives_after=2,
    wants=(Want(1, 4), Want(3, 3), Want(7, 2), Want(11, 3)),
    storage=Storage.FROZEN,
    box_size=4,
)
RICE = Shown(
    reaches=CampaignState.CLOSED,
    drawn="rice",
    title="五常大米 Wuchang rice",
    text="当年新米。 This year's harvest.",
    unit="5 kg/袋 bag",
    supplier=ORCHARD,
    prices=((1, 5980), (10, 5580)),
    made_h=120,
    cut_off_h=20,
    arrives_after=3,
    wants=(Want(5, 2), Want(6, 4), Want(8, 3), Want(11, 2)),
    at_cut_off=AtCutOff.CLOSE,
    minimum=8,
)
GRAPES = Shown(
    reaches=CampaignState.OPEN,
    drawn="grapes",
    title="阳光玫瑰葡萄 Shine Muscat grapes",
    text="无籽，带玫瑰香。再来几份就降价。 Seedless, with a scent of roses.",
    unit="1 kg/盒 box",
    supplier=ORCHARD,
    prices=((1, 4590), (20, 3990), (36, 3590)),
    made_h=26,
    cut_off_h=-28,
    wants=(
        Want(RESIDENT, 2, 1), Want(1, 4, 2), Want(2, 5), Want(3, 4, 1), Want(6, 6), Want(8, 3), Want(9, 4), Want(11, 5),
    ),
    storage=Storage.CHILLED,
    pays=Pays.AT_PICKUP,
    minimum=12,
    each=10,
    box_size=6,
    collect_h=24,
)  # fmt: skip
CRABS = Shown(
    reaches=CampaignState.OPEN,
    drawn="crabs",
    title="阳澄湖大闸蟹 Yangcheng Lake crabs",
    text="公母各半，鲜活到店。 Half male, half female, delivered alive.",
    unit="4 只/篓 basket of 4",
    supplier=KITCHEN,
    prices=((1, 8800), (10, 8200)),
    made_h=48,
    cut_off_h=-50,
    wants=(Want(1, 4), Want(2, 4), Want(3, 4), Want(RESIDENT, 2), Want(4, 3), Want(5, 2)),
    storage=Storage.CHILLED,
    maximum=12,
    collect_h=8,
    unclaimed=UnclaimedRule.KEEP_CHARGE,
)
PEARS = Shown(
    reaches=CampaignState.OPEN,
    drawn="pears",
    title="砀山酥梨 Dangshan pears",
    text="皮薄多汁，满 20 箱成团。 Thin skin, much juice; goes ahead from 20 boxes.",
    unit="5 kg/箱 box",
    supplier=ORCHARD,
    prices=((1, 3980), (20, 3580), (40, 3280)),
    made_h=20,
    cut_off_h=-32,
    arrives_after=2,
    wants=(Want(1, 2), Want(4, 3), Want(7, 2), Want(9, 1), Want(10, 4)),
    pays=Pays.AT_PICKUP,
    at_cut_off=AtCutOff.CLOSE_IF_MINIMUM,
    minimum=20,
)
GIFTS = Shown(
    reaches=CampaignState.DRAFT,
    drawn="nuts",
    title="坚果礼盒 Box of nuts",
    text="核桃、腰果、开心果。 Walnuts, cashews, pistachios.",
    unit="1.2 kg/盒 box",
    supplier=KITCHEN,
    prices=((1, 9900), (30, 8900)),
    made_h=3,
    cut_off_h=-96,
    arrives_after=4,
)
ALL = (ORANGES, CHERRIES, APPLES, STRAWBERRIES, MILK, WALNUTS, DUMPLINGS, RICE, GRAPES, CRABS, PEARS, GIFTS)
BUYERS = 1 + max(want.buyer for shown in ALL for want in shown.wants)
