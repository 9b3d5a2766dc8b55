"""Whole pages that stand where an article should, invented after what shields, walls and shops of scripts put out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.outcomes import Reason
from schemas.records import Extracted, FeedEntry, Page, Problem
from transforms.articles.extract import extract_page

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
TEASER = "The ferry company said on Monday that two of its vessels would leave the service before the winter begins. "
MENU = "<nav><a href='/'>Home</a><a href='/isles'>Isles</a></nav>"
NOT_FREE = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": %s}</script>'


def extract(head: str, body: str) -> Extracted | Problem:
    markup = f"<html><head>{head}</head><body>{body}</body></html>"
    url = "https://valley.example/news/ferries"
    page = Page(FeedEntry("k", "valley.example", url), url, markup.encode(), "text/html", "utf-8", 200, NOW)
    return extract_page(page)


BLOCKED = {
    "a challenge by name": ("<title>Just a moment...</title>", "<p>Enable JavaScript and cookies to continue</p>"),
    "a challenge by its scripts": (
        "<title>valley.example</title><script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script>",
        "<noscript>Please switch scripts on.</noscript><p>valley.example has to look at your connection first.</p>",
    ),
    "a captcha in a frame": (
        "<title>valley.example</title><script>var dd={'host':'geo.captcha-delivery.com','cid':'x'}</script>",
        "<p>Thank you for your patience</p>",
    ),
    "a proof of work": (
        "<title>Making sure you're not a bot!</title>",
        "<p>You see this as the owner of the site keeps crawlers away.</p>",
    ),
    "a challenge in Russian": ("<title>Проверка браузера</title>", "<p>Подождите несколько секунд.</p>"),
    "a consent wall": (
        "<title>Before you continue</title>",
        "<p>We and our 431 partners store and access data on your device.</p><button>Accept all</button>",
    ),
    "a consent wall in German": (
        "<title>Talbote</title>",
        "<p>Wir und unsere 210 Partner speichern Cookies und Daten auf Ihrem Gerät.</p><a>Alle akzeptieren</a>",
    ),
    "a login page": (
        "<title>Valley News</title>",
        f"{MENU}<form><label>E-mail<input type=text></label><input name=p type='password'><button>Go</button></form>",
    ),
    "a login page in Persian": ("<title>ورود | اخبار دره</title>", "<form>نام کاربری</form>"),
    "a paywall that owns up to it": (
        "<title>Ferries leave</title>" + NOT_FREE % "false",
        f"<article><h1>Ferries leave</h1><p>{TEASER * 6}</p></article>"
        "<div>Subscribe to continue. Already a subscriber?</div>",
    ),
    "a paywall whose teaser is a sentence": (
        "<title>Ferries leave</title>" + NOT_FREE % '"False"',
        f"<article><h1>Ferries leave</h1><p>{TEASER}</p></article>",
    ),
    "a paywall by its marks": (
        "<title>Les ferries s'en vont</title>",
        f"<article><p>{TEASER * 4}</p><div class='c-paywall'>Cet article est réservé aux abonnés.</div></article>",
    ),
    "a soft 404": ("<title>Page not found - Valley News</title>", f"{MENU}<p>Try our search.</p>"),
    "a soft 404 after the site's name": ("<title>Talbote | Seite nicht gefunden</title>", f"{MENU}<p>Zur Suche</p>"),
    "a soft 404 in Russian": (
        "<title>Вести долины</title>",
        "<p>Запрашиваемая вами страница не найдена.</p>",
    ),
    "a soft 404 in Turkish": ("<title>Sayfa bulunamadı - Vadi</title>", "<p>Ana sayfa</p>"),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_what_stands_in_front_is_no_article(name: str) -> None:
    found = extract(*BLOCKED[name])
    assert isinstance(found, Problem), found
    assert found.reason is Reason.BLOCK_PAGE


WHOLE = f"<article><h1>Ferries leave</h1><p>{TEASER * 16}</p></article>"
BRIEF = f"<article><h1>Ferries leave</h1><p>{TEASER * 3}</p></article>"
OPEN = {
    "a whole article behind a soft paywall": (
        NOT_FREE % "false",
        WHOLE + "<div class='paywall'>Subscribe to read</div>",
    ),
    "a free article that asks for subscribers": (
        NOT_FREE % "true",
        BRIEF + "<aside>Already a subscriber? Sign in. Start your free trial.</aside>",
    ),
    "a brief beside a login form": ("", BRIEF + "<form><input type=password></form>"),
    "a brief whose comments have a captcha": (
        "<script src='https://hcaptcha.com/1/api.js'></script>",
        BRIEF + "<section><h2>Write a comment</h2></section>",
    ),
    "a shield that looks on": ("<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>", BRIEF),
    "a brief below a banner about cookies": (
        "",
        "<div class='cookie-banner'>We use cookies. Accept all or reject all.</div>" + BRIEF,
    ),
    "an article about a block page": ("<title>Access denied to inspectors at the port</title>", WHOLE),
}


@pytest.mark.parametrize("name", OPEN)
def test_articles_that_look_like_it_are_read(name: str) -> None:
    found = extract(*OPEN[name])
    assert isinstance(found, Extracted), found
    assert found.text.startswith(TEASER[:60])
