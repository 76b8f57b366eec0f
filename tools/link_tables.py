"""What is known about links: tracking parameters, wrappers, shorteners, and sites with several addresses for one thing.

A name stands here only when dropping it can hardly make two pages one: `ref`, `source`, `id` and the like mean
something on many sites, so they are judged by their value. Names are in lower case.
"""

from __future__ import annotations

import re
from re import Pattern


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TRACKING = _words("""
    fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid msclkid yclid ysclid twclid ttclid li_fat_id
    igshid igsh srsltid _openstat _ga _gl mkt_tok dm_i ef_id s_cid s_kwcid wickedid rb_clickid sr_share
    spm scm smid smtyp cmpid ocid icid itid ncid xtor wprov mbid guccounter trk trkcampaign trackingid sfnsn mibextid
    ref_src ref_url share share_id sharetoken reflink __twitter_impression ftag taid cjevent irclickid awc
    cmp campaign_id amp_js_v amp_gsa usqp _amp sara_ref hootpostid epik sc_cid ns_mchannel ns_source ns_campaign
    showwelcomeonshare isfreemail triedredirect
""")
TRACKING_PREFIXES = (
    *("utm_", "mtm_", "pk_", "piwik_", "matomo_", "wt_", "at_", "vero_", "hsa_", "_hs", "__hs", "hscta", "mc_", "oly_"),
    *("guce", "itm_", "trk_", "elq", "_branch_", "gaa_", "stm_", "fb_action", "fb_ref", "fb_source", "cm_mmc"),
)
ASKED_BY_VALUE = _words("ref source src via from origin referrer referer")
"""Parameters that track only when their value names a place where links are found."""
PLACES = _words("""
    twitter x facebook fb mastodon fediverse bluesky bsky threads linkedin reddit instagram telegram whatsapp tiktok
    hackernews hn producthunt pocket flipboard newsletter rss feed email mail share social homepage sharebar
    friends_link ifttt substack medium github tw
""")
TRACKING_AT: dict[str, frozenset[str]] = {
    "bloomberg.com": _words("srnd sref accesstoken leadsource"),
    "bsky.app": _words("ref"),
    "docs.google.com": _words("usp"),
    "facebook.com": _words("__tn__ __cft__[0] rdid extid eav paipv locale"),
    "ft.com": _words("sharetype accesstoken segmentid desktop"),
    "github.com": _words("tab"),
    "instagram.com": _words("img_index hl"),
    "linkedin.com": _words("refid lipi rcm"),
    "medium.com": _words("source sk gi"),
    "newyorker.com": _words("esrc"),
    "nytimes.com": _words("unlocked_article_code partner emc te nl instance_id segment_id user_id regi_id"),
    "open.spotify.com": _words("si nd context"),
    "reddit.com": _words("rdt context"),
    "soundcloud.com": _words("si in"),
    "substack.com": _words("r publication_id post_id"),
    "tiktok.com": _words("_r _t is_from_webapp sender_device web_id"),
    "washingtonpost.com": _words("pwapi_token"),
    "wsj.com": _words("mod st"),
    "x.com": _words("s t cxt ref"),
    "youtube.com": _words("si feature pp ab_channel app t start"),
    "zeit.de": _words("freebie"),
}
"""Parameters that track at one site (and below it) and may mean something elsewhere."""

SAME_HOST = {
    **dict.fromkeys(("twitter.com", "fxtwitter.com", "vxtwitter.com", "fixupx.com", "fixvx.com"), "x.com"),
    **dict.fromkeys(("old.reddit.com", "new.reddit.com", "np.reddit.com", "i.reddit.com"), "reddit.com"),
    **dict.fromkeys(("web.facebook.com", "mbasic.facebook.com", "touch.facebook.com"), "facebook.com"),
    **dict.fromkeys(("music.youtube.com", "youtube-nocookie.com"), "youtube.com"),
    "dx.doi.org": "doi.org",
    "export.arxiv.org": "arxiv.org",
}
PREFIXES = ("www.", "m.", "mobile.", "amp.")
"""What stands before a host without naming another site."""

_ARXIV = r"((?:\d{4}\.\d{4,5})|(?:[a-z-]+(?:\.[A-Za-z]{2})?/\d{7}))(?:v\d+)?"
SHAPES: tuple[tuple[Pattern[str], str], ...] = tuple(
    (re.compile(pattern), shape)
    for pattern, shape in (
        (r"youtube\.com/watch\?(?:.*&)?v=([\w-]{6,20})(?:[&#].*)?", r"youtube.com/watch?v=\1"),
        (r"youtube\.com/(?:shorts|embed|live|v|e)/([\w-]{6,20})(?:[?#].*)?", r"youtube.com/watch?v=\1"),
        (r"youtu\.be/([\w-]{6,20})(?:[?#].*)?", r"youtube.com/watch?v=\1"),
        (r"x\.com/(?:i/web|\w+)/status(?:es)?/(\d+)(?:[/?#].*)?", r"x.com/i/status/\1"),
        (rf"arxiv\.org/(?:abs|pdf|html|format)/{_ARXIV}(?:\.pdf)?(?:[?#].*)?", r"arxiv.org/abs/\1"),
        (r"doi\.org/10\.48550/arxiv\.(\d{4}\.\d{4,5})(?:[?#].*)?", r"arxiv.org/abs/\1"),
        (r"redd\.it/(\w+)(?:[?#].*)?", r"reddit.com/comments/\1"),
        (r"reddit\.com/(?:r|user)/\w+/comments/(\w+)(?:/[^/?#]*)?(?:[?#].*)?", r"reddit.com/comments/\1"),
        (r"reddit\.com/(?:r|user)/\w+/comments/(\w+)/[^/?#]*/(\w+)(?:[?#].*)?", r"reddit.com/comments/\1/_/\2"),
        (r"(stackoverflow\.com|[a-z]+\.stackexchange\.com)/q(?:uestions)?/(\d+)(?:[/?#].*)?", r"\1/questions/\2"),
        (r"(amazon\.[a-z.]{2,6})/(?:[^?#]*/)?(?:dp|gp/product)/([A-Z0-9]{10})(?:[/?#].*)?", r"\1/dp/\2"),
        (r"open\.substack\.com/pub/([\w-]+)/p/([\w-]+)(?:[?#].*)?", r"\1.substack.com/p/\2"),
        (r"([^/]+)/(?:web|deck)/(@[^/?#]+(?:/\d+)?)", r"\1/\2"),  # Mastodon seen from inside
    )
)
"""host/path?query of one thing → the one shape that it gets."""

WRAPPERS: tuple[tuple[Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), names)
    for pattern, names in (
        (r"lm?\.(?:facebook|instagram|threads)\.(?:com|net)/.*", ("u",)),
        (r"(?:[a-z]+\.)?google\.(?:com?\.)?[a-z]{2,3}/url", ("q", "url")),
        (r"out\.reddit\.com/.*", ("url",)),
        (r"youtube\.com/redirect", ("q",)),
        (r"t\.umblr\.com/redirect", ("z",)),
        (r"steamcommunity\.com/linkfilter", ("u", "url")),
        (r"vk\.com/away\.php", ("to",)),
        (r"duckduckgo\.com/l", ("uddg",)),
        (r"slack-redir\.net/link", ("url",)),
        (r"linkedin\.com/(?:redir/redirect|safety/go)", ("url",)),
        (r"[a-z0-9]+\.safelinks\.protection\.outlook\.com/.*", ("url",)),
        (r"(?:getpocket|flipboard)\.com/redirect", ("url",)),
        (r"go\.redirectingat\.com/.*", ("url",)),
        (r"[^/]+/authorize_interaction", ("uri",)),  # Mastodon: "open this on my server"
    )
)
"""host/path of pages that only send the reader on → the parameters that say where to."""
AMP_CACHE = re.compile(
    r"(?:[\w-]+\.cdn\.ampproject\.org/[a-z]|google\.[a-z.]{2,6}/amp|bing\.com/amp)/(?:s/)?([^/]+\..+)"
)

SHORTENERS = _words("""
    bit.ly bitly.com j.mp t.co buff.ly tinyurl.com ow.ly is.gd v.gd lnkd.in dlvr.it trib.al goo.gl goo.gle g.co
    maps.app.goo.gl share.google fb.me ift.tt wp.me a.co amzn.to amzn.eu rebrand.ly cutt.ly t.ly shorturl.at rb.gy
    tiny.cc s.id bl.ink kutt.it lc.cx urlr.me clck.ru vk.cc u.to t.cn url.cn dwz.cn b23.tv xhslink.com pin.it flic.kr
    nyti.ms wapo.st reut.rs bbc.in cnn.it econ.st on.ft.com on.wsj.com bloom.bg n.pr politi.co theatln.tc gu.com
    lemde.fr f24.my sz.de spon.de dpo.st go.nature.com tcrn.ch flip.it zurl.co hubs.ly hubs.li msft.it aka.ms git.io
    w.wiki apple.co spoti.fi on.soundcloud.com vm.tiktok.com vt.tiktok.com snip.ly ebx.sh shor.tn bitly.ws tny.im
""")

SUFFIX_LABELS = _words("co com net org gov edu ac or ne go gob gouv mil ltd plc sch nhs")
"""What stands before a country's domain without being anybody's site: co.uk, com.au, or.jp."""
SHARED_HOSTS = _words("""
    blogspot.com wordpress.com substack.com medium.com tumblr.com github.io gitlab.io codeberg.page pages.dev
    netlify.app vercel.app herokuapp.com web.app firebaseapp.com neocities.org bearblog.dev micro.blog ghost.io
    write.as hashnode.dev readthedocs.io livejournal.com over-blog.com wixsite.com weebly.com notion.site
    altervista.org hatenablog.com cdn.ampproject.org
""")
"""Hosts below which every name is somebody else's site."""
