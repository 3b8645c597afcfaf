"""Counting the drawer by notes and coins: the sum stands there while it is typed, and is what is written down."""

from playwright.sync_api import expect


def test_notes_and_coins_are_summed_while_they_are_typed(desk):
    page = desk.window("/money/drawer", who="manager")
    amount = page.locator("#amount")
    page.locator("main details").evaluate("one => one.open = true")
    page.locator("#note_10000").fill("3")
    expect(amount).to_have_value("300.00")
    page.keyboard.press("Enter")
    expect(page.locator("#note_5000")).to_be_focused()
    page.keyboard.insert_text("１")  # as a Chinese keyboard types it
    expect(amount).to_have_value("350.00")
    page.locator("#coin_10").fill("7")
    expect(amount).to_have_value("350.70")
    page.locator("#note_5000").fill("many")
    expect(amount).to_have_value("")
    page.locator("#note_5000").fill("")
    expect(amount).to_have_value("300.70")
    page.get_by_role("button", name="Write the count down").click()
    expect(page.locator("main")).to_contain_text("¥300.70")
    expect(page.locator("main")).to_contain_text("Banknotes and coins")
