"""Lines that a publisher's page leaves around and inside an article's text, told by their form.

Everything here looks at one line, or at a line among its neighbours, and answers whether it is boilerplate; nothing is
ever rewritten. The rules are of three kinds: fixed prompts (consent, sharing, comments, newsletters), markers of
teasers (`READ MORE:`, `[UPDATE]`), and headlines of other stories, told by their capitals in a text that has none.
Prompts are matched whole and short, so that a sentence of the article that mentions a newsletter stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_MAX_PROMPT = 400  # characters; a consent text is rarely longer, a paragraph of an article often is

# The whole line, up to closing punctuation.
_WHOLE = re.compile(
    r"""(?ix)^[\W_]*(?:
    share(?:\s+(?:this(?:\s+(?:story|article|post|page|video|news|item|on|via|with|:).{0,40})?|(?:on
      |via)\b.{0,40}|the\s+(?:story|article|post)))?
    | (?:like|follow|tweet|pin|e-?mail|print|save|copy\ link)(?:\s+this.{0,30})?
    | (?:click|tap)\s+(?:here\s+)?to\s+(?:share|tweet|print|e-?mail|follow|subscribe|join|comment|copy)\b.{0,80}
    | (?:like|follow|find|join)\s+us\s+(?:on|at|via)\b.{0,90}
    | (?:facebook|twitter|whatsapp|telegram|linkedin|reddit|pinterest|instagram|e-?mail|print|copy\ link
      |[\s|,/·•])+
    | comments?(?:\s*\(?\d+\)?)? | \d+\s+comments?
    | (?:show|view|load|post|add|see|hide)\s+(?:all\s+|more\s+|a\s+)?comments? | no\s+comments(?:\s+yet)?
    | leave\s+a\s+(?:reply|comment)(?:\s+cancel\s+reply)? | join\s+the\s+(?:conversation|discussion)
    | be\s+the\s+first\s+to\s+comment | comments\s+are\s+(?:closed|off|disabled).{0,40} | reply | cancel\s+reply
    | (?:your\s+)?e-?mail\s+address\s+will\s+not\s+be\s+published\b.{0,80}
    | required\s+fields\s+are\s+marked.{0,10}
    | (?:you\s+must|please)\s+(?:be\s+)?(?:log(?:ged)?\s+in|sign\s+in|register)\b.{0,60}\bcomment\w*.{0,20}
    | please\b.{0,80}\bcommenting\b.{0,20}
    | (?:have\s+your\s+say|what\s+do\s+you\s+think)\b.{0,60}\bcomments?\b.{0,20} | advertisements?
    | advertisement\s*[-–—]\s*scroll\s+to\s+continue.{0,30} | sponsored(?:\s+content)? | promoted(?:\s+content)?
    | story\s+continues\s+(?:below|after)\b.{0,30} | article\s+continues\s+(?:below|after)\b.{0,30}
    | continue\s+reading(?:\s+below|\s+the\s+main\s+story)?
    | skip\s+(?:to\s+(?:main\s+)?content|advertisement|ad|past\b.{0,30})
    | read\s+(?:more|next|also|on|full\s+(?:article|story))(?:\s+(?:here|below|on\s+this\s+(?:story|topic)))?
    | (?:learn|see|show|load)\s+more | more\s+info(?:rmation)?
    | (?:read\s+)?more\s+(?:on\s+this\s+(?:story|topic)|stories|news|from\s+.{1,40})
    | (?:related|recommended|popular|most\s+read|trending|latest|top)\s+(?:articles?|stor(?:y|ies)|posts?
      |topics?|news|content|reading|links?|tags?|coverage|videos?|for\s+you)
    | related | you\s+(?:may|might)\s+(?:also\s+)?(?:like|be\s+interested\s+in|enjoy)
    | recommended(?:\s+for\s+you)? | don\W?t\s+miss | see\s+also | (?:previous|next)\s+(?:post|article|story)
    | back\s+to\s+top | watch\s+(?:live|now|video|the\s+video)(?:\s+(?:below|above))? | play\s+video
    | (?:loading|please\s+wait)\W* | (?:filed\s+under|tags?|topics?|categor(?:y|ies))\s*:.{0,120}
    | \d+\s+shares?
    | (?:original\s+)?source\s*:\s*(?:link|read\s+(?:the\s+)?(?:full|original)\s+(?:article|story)
      |click\s+here|view\s+(?:original|source).{0,20}|https?://\S+)
    | (?:read|view)\s+(?:the\s+)?(?:full|original|entire|complete)\s+(?:article|story|post|version)\b.{0,40}
    | this\s+(?:article|story|post)\s+(?:was\s+)?(?:originally|first)\s+(?:appeared|published)\s+(?:on|in|at
      |by)\b.{0,80}
    | the\s+post\s+.{5,200}\s+(?:first\s+)?appeared\s+first\s+on\s+.{2,60}
    | (?:all\s+rights\s+reserved|copyright\s+©?\s*\d{4}|©\s*(?:copyright\s*)?\d{4}).{0,120}
    | \(c\)\s*\d{4}.{0,80}
    | get\s+(?:breaking|daily|weekly|the\s+(?:latest|best)|our)\b.{0,80}\b(?:inbox|e-?mail|newsletter)\b.{0,60}
    | (?:please\s+)?(?:sign|signing)\s+up\b.{0,100}\b(?:newsletters?|e-?mails|e-?mail\s+(?:list|updates?
      |alerts?)|briefing|inbox)\b.{0,60}
    | (?:please\s+)?subscribe\b.{0,80}\b(?:newsletters?|channel|updates|podcast|inbox|today|now|e-?mail)\b.{0,60}
    | subscribe(?:\s+(?:now|today|here))? | (?:sign|log)\s+(?:in|up)(?:\s+(?:now|here|for\s+free))?
    | thank\s+you\s+for\s+(?:signing\s+up|subscribing)\b.{0,80} | invalid\s+e-?mail.{0,30}
    | download\s+(?:our|the)\b.{0,40}\bapp\b.{0,60} | enable\s+(?:javascript|cookies)\b.{0,60}
    | if\s+you\s+(?:find|see|spot|notice)\s+(?:an?\s+)?(?:error|mistake|typo)\b.{0,120}
    | поделиться(?:\s+.{0,40})? | комментари(?:и|ев|й)(?:\s*\(?\d+\)?)? | оставить\s+комментарий
    | читайте\s+(?:также|ещё|еще|по\s+теме|далее) | подробнее | реклама
    | подпи(?:сывайтесь|шитесь)\s+на\b.{0,90} | нашли\s+(?:ошибку|опечатку)\b.{0,140} | по\s+теме
    | источник\s*:\s*https?://\S+ | ваш\s+(?:адрес\s+)?e-?mail\s+не\s+будет\s+опубликован\b.{0,80}
    | все\s+права\s+защищены.{0,60} | اشتراک\s*گذاری | نظرات | دیدگاه(?:\s*ها|‌ها)? | بیشتر\s+بخوانید
    | مطالب\s+مرتبط | ادامه\s+مطلب | نظر\s+خود\s+را\s+بنویسید | شریک\s+سازید
    )[\W_]*$"""
)

# A marker in front: what follows is the headline of another story. A quotation mark before it makes it speech.
_LEAD_MARK = re.compile(
    r"""(?ix)^[\s>»•*\-–—\[(]*(?:read\s+(?:more|also|next|this)|also\s+read|see\s+(?:also|more)|more\s+on\s+this|must\s+read
       |related(?:\s+(?:story|stories|article|articles|news|reading|coverage|content|post|posts))?
       |you\s+may\s+also\s+like|recommended(?:\s+reading)?|don['’]?t\s+miss
       |читайте\s+(?:также|по\s+теме|ещё|еще)|смотрите\s+также|по\s+теме
       |بیشتر\s+بخوانید|همچنین\s+بخوانید|مطالب\s+مرتبط)[ \t\u00a0]*[:|»>]\s*\S"""
)
# These stand before sentences of the article too ("BREAKING: Troops have crossed the river."), so a stop acquits them.
_NEWS_MARK = re.compile(
    r"""(?x)^[\s>»•*\-–—\[(]*(?:JUST\s+IN|RELATED\s+\w+|WATCH(?:\s+(?:NOW|LIVE|MORE|BELOW))?|LISTEN|EXCLUSIVE|TRENDING
       |POPULAR|BREAKING(?:\s+NEWS)?)[ \t\u00a0]*[:|»>–—]\s*\S"""
)
# One or two words in capitals, in square brackets at the end; in round ones an acronym may stand, so these are named.
_TAIL_MARK = re.compile(
    r"(?:\[[A-Z]{4,12}(?: [A-Z]{2,10})?\]|\((?:LATEST|UPDATED?|ANALYSIS|OPINION|VIDEO|WATCH|LIVE|PICTURES?|PHOTOS?"
    r"|IN PICS|EXCLUSIVE|INTERVIEW|EXPLAINE[DR]|GALLERY|PODCAST|READ MORE)\))\W*$"
)
# Parts of a consent or sign-up text: two of them in one short paragraph are enough.
_CONSENT_PARTS = tuple(
    re.compile(part, re.IGNORECASE)
    for part in (
        r"\b(?:we|our partners|this (?:web)?site)\b.{0,40}\buses?\b.{0,40}\bcookies\b",
        r"\bconsent(?:ed|s)?\b|\bagree to (?:our|the|receive)\b"
        r"|\bby (?:signing up|subscribing|clicking|continuing|submitting)\b",
        r"\bprivacy (?:policy|notice|statement)\b|\bterms (?:of|and|&) (?:use|service|conditions)\b",
        r"\bunsubscribe\b|\bopt[- ]out\b",
        r"\b(?:your|the) (?:sign-?up|e-?mail address|personal (?:data|information))\b"
        r"|\bnewsletters?\b|\bmailing list\b",
        r"\badverts?\b|\badvertis(?:ing|ements?)\b|\bpersonali[sz]ed (?:ads|content)\b"
        r"|\b(?:third|3rd)[- ]part(?:y|ies)\b",
        r"\bmanage (?:your )?(?:cookies|preferences|settings)\b|\baccept (?:all|cookies)\b|\bmore info(?:rmation)?\b",
        r"\breCAPTCHA\b",
    )
)
# Every part above holds one of these; most lines hold none and need no closer look.
_CONSENT_HINTS = (
    "cookie", "consent", "agree to", "by signing", "by subscrib", "by clicking", "by continu", "by submitt", "privacy",
    "terms", "unsubscribe", "opt-out", "opt out", "sign-up", "signup", "email", "e-mail", "personal", "newsletter",
    "mailing", "advert", "third", "3rd", "preferences", "settings", "captcha",
)  # fmt: skip
"""One of them stands in every prompt for consent: a look that is quicker than the patterns are."""
_SIGN_UP = re.compile(
    r"(?i)^(?:sign up|subscribe|get|enter your|register|join|receive|don.t miss)"
    r"\b.{0,160}\b(?:newsletters?|inbox|e-?mail|mailing list)\b"
)
_STOP = re.compile(r"[.!…:;,。।۔؟?]['\"’”»)\]]*$")
_HARD_STOP = re.compile(r"[.!…;,。।۔]['\"’”»)\]]*$")
_QUESTION = re.compile(r"[?؟]['\"’”»)\]]*$")
_WORD = re.compile(r"[^\W_]+(?:['’.\-‑–][^\W_]+)*")
_SMALL = frozenset(
    [
        "a", "an", "and", "as", "at", "but", "by", "for", "from", "if", "in", "into", "is", "it", "its",
        "nor", "of", "off", "on", "onto", "or", "over", "per", "so", "than", "that", "the", "to", "up", "us",
        "via", "vs", "versus", "was", "with", "are", "be", "been", "not", "amid", "after", "before",
        "against", "between", "under", "who", "how", "why", "what", "when", "we", "our", "their", "his",
        "her",
    ]
)  # fmt: skip


def is_prompt(line: str) -> bool:
    """True for a line that asks the reader to do something on the page, or that only furnishes it."""
    line = " ".join(line.split())
    return bool(line) and len(line) <= _MAX_PROMPT and _is_prompt(line)


@lru_cache(maxsize=4096)
def _is_prompt(line: str) -> bool:
    if not any(map(str.isalpha, line)):
        return False
    if len(line) <= 260 and _WHOLE.match(line):
        return True
    lowered = line.lower()
    if not any(hint in lowered for hint in _CONSENT_HINTS):
        return False
    parts = sum(1 for part in _CONSENT_PARTS if part.search(line))
    return parts >= 3 or (parts >= 2 and _addresses_reader(line)) or (bool(_SIGN_UP.match(line)) and len(line) < 250)


def _addresses_reader(line: str) -> bool:
    return re.search(r"(?i)\byou(?:r|’ve|'ve)?\b", line) is not None and not re.search(r"[“\"]", line)


def is_marked_teaser(line: str) -> bool:
    """True for the headline of another story that carries a teaser's marker, such as `READ MORE:` or `[UPDATE]`."""
    if len(line) > 250:
        return False
    if _LEAD_MARK.match(line):
        return True
    if _NEWS_MARK.match(line):
        return not has_hard_stop(line)
    return bool(_TAIL_MARK.search(line)) and ". " not in line


def is_title_cased(line: str) -> bool:
    """True for a line of which nearly every word of weight begins with a capital, as headlines in English do."""
    words = [word for word in _WORD.findall(line) if not word.isdigit()]
    weighty = [word for word in words if word.lower() not in _SMALL]
    if len(words) < 5 or len(weighty) < 4:
        return False
    capitals = sum(1 for word in weighty if word[0].isupper() or not word[0].isalpha())
    small_capitals = sum(1 for word in words if word.lower() in _SMALL and word[0].isupper())
    return capitals == len(weighty) or (capitals >= len(weighty) - 1 and len(weighty) >= 7 and small_capitals > 0)


def ends_like_sentence(line: str) -> bool:
    """True where the last mark is a stop, a colon, a quotation's end after a stop or the like."""
    return _STOP.search(line.rstrip()) is not None


def has_hard_stop(line: str) -> bool:
    """True where the line ends in a mark that no headline ends in; a question mark or a colon is none."""
    return _HARD_STOP.search(line.rstrip()) is not None


def is_sentence_cased(lines: Sequence[str]) -> bool:
    """True for a text whose running words are mostly in lower case: only there a headline's capitals tell."""
    words = [word for line in lines if ends_like_sentence(line) for word in _WORD.findall(line)]
    return len(words) >= 40 and sum(1 for word in words if word[0].islower()) >= 0.6 * len(words)


def is_cased_teaser(line: str) -> bool:
    """True for a headline in Title Case without a final stop; a question mark may end it.

    The caller has to know that the text around it is sentence-cased.
    """
    line = line.strip()
    if not 25 <= len(line) <= 200 or not is_title_cased(line):
        return False
    return not ends_like_sentence(line) or _QUESTION.search(line) is not None
