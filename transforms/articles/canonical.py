"""One address for one article: URL normalisation, and how far a page's own rel=canonical is believed.

The address becomes the article's id, so two mistakes matter: two addresses for one article (a repeat in the data) and,
worse, one address for two articles (a loss). courlan's URL cleaning was tried first and is not used: it drops
parameters such as `cid`, `gallery` or a bare `?12345`, by which small newspapers number their articles.
"""

from __future__ import annotations

import re
from functools import lru_cache
from posixpath import normpath
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from publicsuffixlist import PublicSuffixList

# Parameters that say how the reader came, never what is read (the lists of ClearURLs, AdGuard and Firefox name them).
_TRACKING_PREFIXES = (
    "utm_", "utm-", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "_hs", "__hs", "ga_", "itm_", "at_", "vero_", "mkt_",
    "oly_", "fb_", "stm_", "ns_", "sc_", "trk_", "wt.", "wt_", "xtor", "guce_", "mc_", "ml_sub", "dm_i", "spm",
)  # fmt: skip
_TRACKING = frozenset(
    [
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid",
        "ttclid", "igshid", "igsh", "li_fat_id", "epik", "s_kwcid", "_ga", "_gl", "_openstat", "yadclid",
        "cmpid", "ocid", "ncid", "icid", "smid", "soc_src", "soc_trk", "sr_share", "ref_src", "ref_url",
        "feature_share", "share_source", "sharetype", "share_id", "mbid", "campaign_id", "cvid", "partnerid",
        "wickedid", "elqtrack", "elqtrackid", "ito", "ns_mchannel", "taid", "rss_id", "from_rss", "feedtype",
    ]
)  # fmt: skip
# These name the reader's way only with the values that feed builders and share buttons give them.
_MAYBE_TRACKING = frozenset({"ref", "referrer", "referer", "source", "src", "from", "via", "cmp", "campaign", "medium"})
_WAYS = re.compile(
    r"(?i)(rss\d*|feeds?|feedburner|twitter|twtr|tw|x|facebook|fb|telegram|tg|whatsapp|wa|linkedin|email|mail"
    r"|e?newsletter|share|social(media)?|google(news)?|gnews|home(page)?|app|push|copy|flipboard|reddit|instagram)"
    r"([-_.:].*)?"
)
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_DEFAULT_PORT = {"http": 80, "https": 443}
_SCRIPT = re.compile(r"(?i)\.(php\d?|aspx?|jspx?|cgi|cfm|pl|dll|do|s?html?)$")
_VARIANT_TAIL = re.compile(r"(?i)^(amp|print|printable|page|p|index|all|full|story|comments?|\d{1,3})(\.\w{2,5})?$")


def canonicalise(url: str) -> str | None:
    """Normalise an http(s) URL (RFC 3986, section 6.2.2 and 6.2.3) and drop what only tracks the reader.

    Scheme and host in lower case, the host in its ASCII form, no user name, default port or fragment; dot segments
    resolved; percent-escapes in upper case, needless ones decoded; parameters sorted by name (repeated ones keep their
    order), tracking ones dropped. Path case, a trailing slash and the scheme are kept: they may tell pages apart.
    Applying it twice changes nothing.

    Returns:
        The canonical form; None for what is no http or https URL.
    """
    try:
        parts = urlsplit("".join(c for c in url.strip() if c >= " " and c != "\x7f"))
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    host = _ascii_host(parts.hostname or "")
    if scheme not in _DEFAULT_PORT or host is None:
        return None
    netloc = host if port is None or port == _DEFAULT_PORT[scheme] else f"{host}:{port}"
    return urlunsplit((scheme, netloc, _path(parts.path), _query(parts.query), ""))


def _ascii_host(host: str) -> str | None:
    host = host.rstrip(".").lower()
    if ":" in host:
        return f"[{host}]" if re.fullmatch(r"[0-9a-f:.]+", host) else None
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").rstrip(".")
        except UnicodeError:
            return None
    return host if re.fullmatch(r"[a-z0-9_.-]+", host) and not host.startswith(".") and ".." not in host else None


def _path(path: str) -> str:
    path = _escape(path)
    if "/." in path:
        slash = path.endswith(("/", "/.", "/.."))
        # normpath folds empty segments too; RFC 3986 keeps them, but no article is told apart by one.
        path = normpath(path) + ("/" if slash else "")
    return re.sub(r"^/{2,}", "/", path) or "/"


def _escape(part: str) -> str:
    """Percent-encode what may not stand in a URL; decode what need not be encoded; hex digits in upper case."""
    if not part.isascii():  # halves of surrogate pairs, which UTF-8 cannot hold, would be written as question marks
        part = part.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    encoded = quote(part, safe="%/:?@!$&'()*+,;=~[]", encoding="utf-8")
    encoded = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", encoded)
    return _ESCAPE.sub(_needed_escape, encoded)


def _needed_escape(found: re.Match[str]) -> str:
    byte = unquote_to_bytes(found[0])
    return byte.decode("ascii") if byte[0] in _UNRESERVED else found[0].upper()


def _query(query: str) -> str:
    kept = [(name, value) for name, value in map(_parameter, query.split("&")) if value and not _tracks(name, value)]
    return "&".join(value for _, value in sorted(kept, key=lambda pair: pair[0]))


def _parameter(raw: str) -> tuple[str, str]:
    text = _escape(raw)
    return text.partition("=")[0], text


def _tracks(name: str, parameter: str) -> bool:
    lowered = name.lower().removeprefix("amp;")
    if lowered in _MAYBE_TRACKING:
        return _WAYS.fullmatch(parameter.partition("=")[2]) is not None
    return lowered in _TRACKING or lowered.startswith(_TRACKING_PREFIXES)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def registrable_domain(url: str) -> str | None:
    """Domain under which the host of a URL was registered (by the Public Suffix List); None where there is none."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    if not host or re.fullmatch(r"[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*", host):
        return host or None  # an IP address stands for itself
    return _suffixes().privatesuffix(host.rstrip(".")) or host


def canonical_of(final_url: str, page_canonical: str | None) -> str:
    """Canonical URL of a fetched page.

    The page's rel=canonical is a witness, not the judge: it is followed only to an http(s) address of the same
    registrable domain, and never where it would fold many articles into one: to the front page, to a section above the
    article, or to a script without the parameter that names the article.

    Args:
        final_url: Address after redirects.
        page_canonical: What the page gives as its canonical address, possibly relative; None where it gives none.
    """
    own = canonicalise(final_url)
    if own is None:
        return final_url
    try:
        claimed = canonicalise(urljoin(final_url, (page_canonical or "").strip()))
    except ValueError:
        return own
    if not (page_canonical or "").strip() or claimed is None or registrable_domain(claimed) != registrable_domain(own):
        return own
    return own if _folds_articles(own, claimed) else claimed


def _folds_articles(own: str, claimed: str) -> bool:
    here, there = urlsplit(own), urlsplit(claimed)
    mine = [part for part in here.path.split("/") if part]
    theirs = [part for part in there.path.split("/") if part]
    if not theirs and not there.query:
        return bool(mine) or bool(here.query)
    if there.query or theirs != mine[: len(theirs)]:
        return False
    if len(theirs) < len(mine):
        return not all(_VARIANT_TAIL.match(part) for part in mine[len(theirs) :])
    # Same path without the query: harmless below a headline, fatal for `article.php?id=5`.
    last = theirs[-1]
    names_article = sum(c.isdigit() for c in last) >= 4 or last.count("-") >= 3
    return bool(here.query) and not names_article and (_SCRIPT.search(last) is not None or len(last) < 20)
