"""The page in a browser: no errors; playing, sorting, filtering, enlarging, provenance."""

import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.checkout import ROOT
from tests.reproduction.report.papers import SECONDS

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chromium() -> str:
    """Path of Chromium, which `make browser` installs if it is missing."""
    if not shutil.which("chromium"):
        made = subprocess.run(
            ["make", "browser"], cwd=ROOT, capture_output=True, text=True, timeout=600
        )
        if made.returncode:
            pytest.skip("no Chromium, and `make browser` could not install it here")
    return shutil.which("chromium") or pytest.skip("no Chromium after `make browser`")


@pytest.fixture(scope="module")
def context(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser with its own profile and without network."""
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=chromium,
            headless=True,
            args=list(SWITCHES),
            viewport=DESKTOP,
            offline=True,
        )
        yield opened
        opened.close()


@pytest.fixture
def opened(context: Any, page: Path) -> Iterator[Any]:
    """The newly opened page; the test fails if the browser reported anything."""
    messages: list[str] = []
    tab = context.new_page()
    tab.on("console", lambda message: messages.append(f"{message.type}: {message.text}"))
    tab.on("pageerror", lambda error: messages.append(str(error)))
    tab.on("requestfailed", lambda request: messages.append(f"failed: {request.url[:80]}"))
    tab.set_viewport_size(DESKTOP)
    tab.goto(page.as_uri())
    yield tab
    tab.close()
    assert messages == []


def test_a_sound_plays_and_its_cursor_moves(opened: Any) -> None:
    """Another part, chosen while it plays, continues at the same position."""
    opened.evaluate("document.querySelector('#shared-audio').loop = true")  # on a slow machine too
    player = opened.locator("#listen-tones-clip_one")
    cursor = "parseFloat(document.querySelector('#listen-tones-clip_one .cursor').style.left || 0)"
    assert opened.evaluate(cursor) == 0
    player.get_by_role("button", name="Play").click()
    opened.wait_for_function(f"{cursor} > 10")
    player.get_by_role("button", name="Explanation").click()
    opened.wait_for_function(f"{cursor} > 20 && !document.querySelector('#shared-audio').paused")
    assert opened.evaluate("document.querySelector('#shared-audio').currentTime") > 0.3
    assert player.locator(".stage").get_attribute("data-shown") == "explanation"
    assert player.get_by_role("button", name="Explanation").get_attribute("aria-pressed") == "true"
    player.get_by_role("button", name="Pause").click()
    stopped = opened.evaluate(cursor)
    opened.wait_for_timeout(150)
    assert opened.evaluate(cursor) == pytest.approx(stopped, abs=1)


def test_a_player_works_by_keyboard(opened: Any) -> None:
    """The position is a slider, and the raised sound a check box."""
    player = opened.locator("#listen-tones-clip_two")
    player.get_by_role("slider").focus()
    opened.keyboard.press("End")
    assert player.locator(".now").inner_text() == f"{SECONDS:.1f}"
    opened.keyboard.press("Home")
    player.get_by_role("checkbox").check()
    player.get_by_role("button", name="Original").press("Enter")
    opened.wait_for_function("document.querySelector('#shared-audio').currentTime > 0.1")


def test_every_number_of_a_player_is_shown(opened: Any) -> None:
    buttons = opened.locator("#listen-tones-clip_one .choices button").all_inner_texts()
    assert [text.split() for text in buttons] == [
        ["Original", "0.75"], ["Explanation", "0.90"], ["Complement", "0.12"]
    ]  # fmt: skip


def test_a_table_is_sorted_by_numbers(opened: Any) -> None:
    """As text, 100 would come before 9; empty cells stay last."""
    table = opened.locator("#table-tones-heard\\.csv")
    table.locator("summary").click()
    first = "[...document.querySelectorAll('#table-tones-heard\\\\.csv td:first-child')]"
    names = f"{first}.map((cell) => cell.textContent)"
    for column, order in (
        ("mean", ["nine", "ten", "hundred"]),
        ("mean", ["hundred", "ten", "nine"]),
        ("model", ["hundred", "nine", "ten"]),
        ("share", ["ten", "hundred", "nine"]),
        ("share", ["hundred", "ten", "nine"]),
    ):
        table.get_by_role("button", name=column).click()
        assert opened.evaluate(names) == order
    assert table.locator("th[aria-sort]").all_inner_texts() == ["share"]
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"


def test_a_number_links_to_its_provenance(opened: Any) -> None:
    opened.locator("#claims-table tbody a[href^='#from-']").first.click()
    row = opened.locator("#from-tones-claims\\.csv")
    assert row.evaluate("(row) => row === document.querySelector(':target')")
    assert "make " in row.inner_text()
    opened.wait_for_function(
        "(() => { const { top, bottom } = document.querySelector(':target')"
        ".getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; })()"
    )


def test_claims_are_filtered_by_verdict_and_author(opened: Any) -> None:
    """At first only claims of the papers are shown."""
    shown = opened.locator("#claims-table tbody tr:not([hidden])")
    assert shown.count() == 2
    opened.locator(".tally a[data-verdict='fails']").click()
    assert shown.count() == 1
    assert "noise is heard" in shown.inner_text()
    opened.locator("#claims [name='author']").select_option("ours")
    assert shown.count() == 0


def test_a_figure_is_enlarged_and_closed_by_keyboard(opened: Any) -> None:
    opened.locator("#figure-tones-heard\\.png .enlarge").press("Enter")
    dialog = opened.locator("#enlarged")
    assert dialog.is_visible()
    assert dialog.locator("img").evaluate("(image) => image.naturalWidth") == 1600
    opened.keyboard.press("Escape")
    assert dialog.is_hidden()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_wider_than_the_screen(opened: Any, size: dict[str, int]) -> None:
    """A screenshot is not empty."""
    opened.set_viewport_size(size)
    opened.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot = np.asarray(Image.open(BytesIO(opened.screenshot())).convert("L"))
    assert screenshot.shape == (size["height"], size["width"])
    assert screenshot.std() > 10


def test_a_printed_page_shows_everything(opened: Any) -> None:
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.locator("details:not([open])").count() == 0
    assert opened.locator("#claims-table tr[hidden]").count() == 0
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.locator("details:not([open])").count() > 0
