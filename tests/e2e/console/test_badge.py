"""The badge in a page of another origin, and how often pages ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests import web
from tests.e2e.console.cloud import Cloud
from tests.e2e.console.serving import serving
from tests.e2e.console.visits import STATE_MS, Visit
from tests.patience import until


@pytest.fixture
def team_page(cloud_console: str) -> Iterator[str]:
    """The address of a page that shows the badge."""

    async def page(request: Request) -> HTMLResponse:
        head = '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Team</title>'
        return HTMLResponse(f'{head}<p>GPU: <script src="{cloud_console}/badge.js" async></script>')

    with serving(Starlette(routes=[Route("/", page)])) as address:
        yield address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    made = chromium.new_page()
    yield made
    made.close()


def test_any_page_shows_the_state_and_leads_to_the_console(
    page: Page, team_page: str, cloud_console: str
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(team_page)
    badge = page.get_by_role("link").get_by_role("img", name="GPU Voice: state of the GPU")
    expect(badge).to_have_js_property("naturalWidth", 168)
    with page.expect_popup() as opened:
        badge.click()
    expect(opened.value.locator("#gpu-word")).to_have_text("Asleep", timeout=STATE_MS)
    assert opened.value.url == f"{cloud_console}/"
    assert complaints == []


def test_the_badge_is_asked_for_again(page: Page, team_page: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    page.goto(team_page)
    expect(page.get_by_role("img")).to_be_visible()
    page.clock.run_for(31_000)
    until(lambda: len([url for url in asked if "badge.svg" in url]) == 4)


def test_the_badge_says_the_state(cloud: Cloud, cloud_console: str) -> None:
    def badge() -> str:
        return web.get(f"{cloud_console}/badge.svg", trust_env=False).text

    assert ">asleep<" in badge()
    cloud.house.call("/power/start")
    cloud.look(0)
    until(lambda: ">starting<" in badge())
    assert "__" not in badge()


def test_a_page_that_nobody_sees_asks_nothing(calm: Visit) -> None:
    asked: list[str] = []
    calm.page.clock.install()
    calm.page.reload()
    calm.is_called("On")
    calm.page.on("request", lambda request: asked.append(request.url))
    calm.script("hide", True)
    calm.page.clock.run_for(60_000)
    assert asked == []
    calm.script("hide", False)
    until(lambda: len(asked) == 1)
