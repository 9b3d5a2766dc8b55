"""Pages that stand where an article should: bot challenges, consent walls, paywalls, logins, soft 404s.

Precision before recall: a real article must never be lost here, so a page is called a block only where its title, the
little text that it has, or its markup says so in the ways such pages do, and there is no article's worth of text
beside it. No rule is about one site: the words are those of many languages, the marks those of the makers of shields.
"""

from __future__ import annotations

import re

MAX_TEXT_CHARS = 1500
"""A page with more article text than this is no block page, whatever it is called."""

BLOCK_KINDS = {
    "challenge": "bot challenge",
    "missing": "soft 404",
    "login": "login or subscription wall",
    "paywall": "paywall with the beginning of an article",
    "consent": "consent wall",
}
"""Kinds of block pages with their wording for messages."""

_TITLES = re.compile(
    r"""(?ix)^\W*(?:
    (?P<challenge>just\ a\ moment | attention\ required | one\ more\ step
      | access\ (?:to\ this\ page\ (?:has\ been\ )?)?denied
      | are\ you\ (?:a\ )?(?:human|robot) | verify(?:ing)?\ (?:that\ )?you\ are\ (?:a\ )?human | security\ check
      | checking\ your\ browser | robot\ check | bot\ verification | ddos[- ]guard | request\ (?:blocked|rejected)
      | please\ wait | human\ verification | pardon\ our\ interruption | you\ have\ been\ blocked | captcha
      | making\ sure\ you.re\ not\ a\ bot | client\ challenge | un\ instant | nur\ einen\ moment | un\ momento
      | un\ attimo | vérification\ de\ sécurité | sicherheits(?:über)?prüfung | accès\ refusé | zugriff\ verweigert
      | acceso\ denegado | один\ момент | проверка\ (?:браузера|безопасности) | доступ\ (?:запрещ[её]н|ограничен)
      | 请稍候 | 安全验证 | しばらくお待ちください)
    |(?P<missing>(?:error\W*)?40[34](?:\W+(?:error|page)?\ *(?:not\ found|forbidden))? | not\ found
      | (?:page|article|story)\ (?:was\ )?not\ found | page\ (?:does\ not\ exist|unavailable)
      | page\ (?:introuvable|non\ trouvée) | erreur\ 404 | seite\ (?:wurde\ )?nicht\ gefunden | fehler\ 404
      | página\ no\ encontrada | página\ não\ encontrada | pagina\ non\ trovata | pagina\ niet\ gevonden
      | nie\ znaleziono\ strony | sayfa\ bulunamadı | sahifa\ topilmadi | сторінк[ау]\ не\ знайдено
      | страница\ не\ найдена | ошибка\ 404 | صفحه\ (?:مورد\ نظر\ )?(?:یافت|پیدا)\ نشد
      | الصفحة\ غير\ موجودة | 页面不存在 | 找不到页面 | 页面未找到 | ページが見つかりません)
    |(?P<login>(?:log|sign)[\ -]?in | login\ required | please\ (?:log|sign)\ in | subscribe\ to\ (?:read|continue)
      | вход | войти | увійти | connexion | se\ connecter | identifiez-vous | anmelden | anmeldung | einloggen
      | iniciar\ (?:sesión|sessão) | accedi | giriş\ yap | ورود | تسجيل\ الدخول | 登录 | 登錄 | ログイン)
    |(?P<consent>before\ you\ continue | cookie\ consent | your\ privacy(?:\ choices)? | we\ value\ your\ privacy
      | privacy\ consent | consent | avant\ de\ continuer | (?:le\ respect\ de\ )?votre\ vie\ privée
      | gestion\ des\ cookies | bevor\ (?:du|sie)\ fortfahren | datenschutz-?einstellungen
      | ihre\ privatsphäre(?:-einstellungen)? | antes\ de\ continuar | tu\ privacidad | prima\ di\ continuare
      | la\ tua\ privacy | cookie-?einstellungen | uw\ privacy)
    )(?:\W*(?:\.{3}|…|!|$|\ [|–—\-•·]\ .{0,60}$))"""
)
_LAST_PART = re.compile(r"\ [|–—\-•·»:]\ ([^|–—•·»]{3,60})$")
"""What follows a site's name, where the title begins with that."""

_TEXTS = {
    "challenge": (
        r"(?:enable|turn on) javascript and (?:cookies to continue|disable any ad ?block)"
        r"|checking (?:if the site connection is secure|your browser before)"
        r"|verify(?:ing)? (?:that )?you are (?:a )?human|unusual (?:traffic|activity) from your"
        r"|complete the (?:security check|captcha)|performance (?:&|and) security by cloudflare"
        r"|why (?:have i|do i have to complete|was i) (?:been )?(?:blocked|a captcha)"
        r"|you don.t have permission to access|access is temporarily restricted|press (?:&|and) hold to confirm"
        r"|проверяем ваш браузер|подтвердите,? что вы не робот|vérifi(?:ez|er|ons) que vous (?:n.)?êtes (?:pas )?un"
        r"|bestätigen sie,? dass sie (?:ein mensch|kein roboter)|verifi(?:ca|que) que (?:eres|es usted) (?:un )?humano"
    ),
    "missing": (
        r"(?:page|article|story) (?:that )?you (?:are|were|.re)? ?(?:looking for|requested|tried to)\b.{0,60}"
        r"(?:(?:could|can) ?not be found|can.t be found|(?:does not|doesn.t|no longer) exists?"
        r"|not found|removed|moved|deleted)"
        r"|запрашиваемая (?:вами )?страница не (?:найдена|существует)|(?:такой|эта) страниц[аы] не существует"
        r"|la page (?:que vous (?:cherchez|recherchez|avez demandée) |demandée )n.(?:existe|a)"
        r"|die (?:gesuchte|angeforderte) seite (?:wurde nicht|existiert nicht|konnte nicht)"
        r"|la página (?:que (?:buscas?|está buscando|ha solicitado) )?no (?:existe|se (?:ha )?encontr)"
        r"|aradığınız sayfa bulunamadı|صفحه مورد نظر (?:شما )?(?:یافت|پیدا) نشد"
    ),
    "login": (
        r"(?:log|sign) in (?:or (?:register|subscribe|create an account) )?to (?:continue|read|view)"
        r"|subscribe to (?:continue|keep) reading"
        r"|this (?:content|article) is (?:only )?(?:available )?(?:for|to) (?:registered users|subscribers|members)"
        r"|(?:войдите|авторизуйтесь),? чтобы (?:продолжить|читать)|connectez-vous pour (?:continuer|lire)"
        r"|melden sie sich an,? um (?:weiter|den)|inicia sesión para (?:continuar|leer|seguir)"
    ),
    "consent": (
        r"we (?:and our (?:\d+ )?partners )(?:store|use|process)\b.{0,200}\b(?:cookies|device|personal data)"
        r"|before you continue to\b"
        r"|accept all\b.{0,200}\b(?:reject all|manage (?:options|preferences|settings|cookies))"
        r"|nous et nos (?:\d+ )?partenaires\b.{0,200}\b(?:cookies|appareil|données)"
        r"|tout accepter\b.{0,200}\btout refuser"
        r"|wir und unsere (?:\d+ )?partner\b.{0,200}\b(?:cookies|gerät|daten)|alle akzeptieren\b.{0,200}\b(?:ablehnen)"
        r"|nosotros y nuestros (?:\d+ )?socios\b.{0,200}\b(?:cookies|dispositivo|datos)"
        r"|aceptar todo\b.{0,200}\brechazar todo"
    ),
}
_WALL = re.compile(
    r"""(?ix)subscribe\ (?:now\ )?(?:to\ (?:read|continue|unlock|keep)|for\ (?:full|unlimited)\ access)
    | (?:continue|keep)\ reading\ (?:with|by|for)\b | to\ (?:continue|keep)\ reading | already\ a\ (?:subscriber|member)
    | (?:article|content|story)\ is\ (?:only\ |exclusively\ )?(?:available\ )?(?:for|to)\ (?:our\ |paid\ |paying\ )?
      (?:subscribers|members|registered)
    | (?:for|exclusive\ to)\ subscribers\ only? | unlock\ (?:this|the\ full)\ (?:article|story)
    | reached\ your\ (?:monthly\ |article\ |free\ )*(?:limit|articles) | start\ your\ (?:free\ )?trial
    | réservé\ aux\ abonnés | abonnez-vous\ pour\ (?:lire|continuer) | déjà\ abonné | il\ vous\ reste\ .{1,10}%
    | nur\ für\ abonnenten | (?:weiterlesen|lesen\ sie\ weiter)\ mit | bereits\ (?:abonnent|ein\ abo)
    | jetzt\ (?:abonnieren|testen)\ und\ weiterlesen | (?:exclusivo\ |solo\ )?para\ suscriptores | ya\ eres\ suscriptor
    | suscríbete\ para\ (?:seguir|continuar|leer) | exclusivo\ para\ assinantes | assine\ para\ (?:ler|continuar)
    | já\ é\ assinante | riservato\ agli\ abbonati | abbonati\ per\ (?:continuare|leggere) | sei\ già\ abbonato
    | alleen\ voor\ abonnees | (?:tylko\ )?dla\ (?:subskrybentów|prenumeratorów)
    | (?:только\ для|доступ\w*\ (?:только\ )?)\ ?подписчик | оформите\ подписку | доступен\ (?:только\ )?по\ подписке
    | 订阅后继续阅读 | 会員限定 | 有料会員 | 続きを読むには"""
)
"""How a paywall speaks of itself."""

_SHIELDS = re.compile(
    r"""(?ix)challenges\.cloudflare\.com | \b_?cf[-_]chl[-_] | captcha-delivery\.com | _incapsula_resource | px-captcha
    | awswaf\.com | awswafintegration | ddos-guard\.net | hcaptcha\.com | recaptcha/(?:api|enterprise)
    | sucuri_cloudproxy | /\.well-known/sgcaptcha | sec-if-cpt-container | \bkpsdk | /\.within\.website/
    | _guard/(?:html|auto)\.js | friendlycaptcha | geetest\.com | smartcaptcha"""
)
"""What bot shields and captchas have in their pages. Their marks stand in many an ordinary page too, for its forms."""

_PASSWORD = re.compile(r"""(?i)<input\b[^>]{0,300}\btype\s*=\s*["']?password\b""")
_NOT_FREE = re.compile(r"""(?i)["']isAccessibleForFree["']\s*:\s*["']?(?:false|no\b|0\b)""")
_WALL_MARK = re.compile(r"""(?i)\b(?:class|id)\s*=\s*["'][^"'>]{0,200}\b(?:pay|reg|meter|premium)-?_?wall""")
_SAID = tuple((kind, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for kind, pattern in _TEXTS.items())
_SMALL_TEXT = 600  # characters of visible text within which one phrase is enough to tell
_HARDLY_TEXT = 200  # less than the shortest brief beside whose login form or captcha an article may stand
_TEASER = 500  # what a paywall lets through is seldom more, and an article that is not free seldom less
_BARE_PAGE = 1500  # visible characters of a page that is little more than a form


def block_kind(title: str | None, text: str, visible: str, markup: str = "") -> str | None:
    """Kind of block page, a key of BLOCK_KINDS; None for a page that may be an article.

    Args:
        title: The title element's text.
        text: Article text that was extracted, possibly empty.
        visible: All visible text of the page, white space folded.
        markup: The page itself, scripts included.
    """
    if len(text) > MAX_TEXT_CHARS:
        return None
    titled = _title_kind(title or "")
    # A headline may begin like this too; an article under it would have text, and say other things.
    if titled is not None and (len(text) < _SMALL_TEXT or _said_kind(visible) is not None):
        return titled
    if len(text) <= _SMALL_TEXT:
        said = _said_kind(visible)
        alone = len(visible) <= _SMALL_TEXT and len(text) < _HARDLY_TEXT
        if said is not None and (alone or _mostly(said, text)):
            return said
    return _marked_kind(text, visible, markup)


def _title_kind(title: str) -> str | None:
    part = _LAST_PART.search(title)
    match = _TITLES.match(title) or (_TITLES.match(part[1]) if part else None)
    return next((kind for kind, value in match.groupdict().items() if value is not None), None) if match else None


def _said_kind(visible: str) -> str | None:
    return next((kind for kind, pattern in _SAID if pattern.search(visible)), None)


def _marked_kind(text: str, visible: str, markup: str) -> str | None:
    """What the markup tells of a page with little text."""
    lowered = markup.lower()  # words are found in it far quicker than the patterns that begin with sets
    walled = _speaks_of_walls(lowered) and _WALL_MARK.search(markup) is not None
    not_free = "isaccessibleforfree" in lowered and _NOT_FREE.search(markup) is not None
    if not_free and (walled or len(text) < _TEASER):
        return "paywall"
    if (walled or not_free) and _WALL.search(visible):
        return "paywall"
    if len(text) >= _HARDLY_TEXT or len(visible) > _BARE_PAGE:
        return None
    if _SHIELDS.search(markup):
        return "challenge"
    return "login" if "password" in lowered and _PASSWORD.search(markup) else None


def _speaks_of_walls(lowered: str) -> bool:
    """True for markup that has the word of a wall in it somewhere, which is far quicker told than what it marks."""
    before = (lowered[max(0, wall.start() - 9) : wall.start()] for wall in re.finditer("wall", lowered))
    return any(word.rstrip("-_").endswith(("pay", "reg", "meter", "premium")) for word in before)


def _mostly(kind: str, text: str) -> bool:
    """True where the extracted text itself says it, so that nothing else was on the page to extract."""
    return any(name == kind and pattern.search(text) for name, pattern in _SAID)
