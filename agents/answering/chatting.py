"""What is said in passing and asks for nothing: a greeting, thanks, a bare yes or no, or no words at all."""

from __future__ import annotations

import re
from typing import Final

HELLO: Final = "Hello. Ask me about anything in your archive: “what did Ana say about bees in March?”"
WELCOME: Final = "You are welcome."
BARE: Final = "I have asked you nothing, so there is nothing to agree to or to refuse."
WORDLESS: Final = "There is no word in that that I could look for."
_NAME: Final = r"(?:,? (?:there|magpie|you|again|zusammen|tous|a todos))?"
_GREETING: Final = re.compile(
    rf"(?:hello|hi|hey|hiya|good (?:morning|day|evening|night)|hallo|moin|servus|guten (?:morgen|tag|abend)|gute nacht"
    rf"|bonjour|bonsoir|salut|hola|buen[oa]s (?:d[ií]as|tardes|noches)|ciao|buongiorno|buonasera|ol[áa]|bom dia"
    rf"|boa (?:tarde|noite)|goedemorgen|goedendag){_NAME}"
)
_THANKS: Final = re.compile(
    r"(?:ok(?:ay)?,? )?(?:thanks?|thank you|thx|cheers|danke(?: ?sch[öo]n)?|vielen dank|merci|gracias|grazie"
    r"|obrigad[oa]|dank je|bedankt)(?: (?:a lot|so much|very much|you|sehr|beaucoup|magpie|mille|muchas))?"
)
_ANSWER: Final = re.compile(
    r"yes|yep|yeah|no|nope|ok(?:ay)?|sure|ja|nein|nee|doch|oui|non|s[ií]|sim|n[ãa]o|fine|great|good|nice|gut|bien|cool"
)


def small_talk(said: str) -> str:
    """What to say to it; nothing where something is asked."""
    plain = " ".join(re.sub(r"[^\w',]+", " ", said.casefold()).split()).strip(",' ")
    if not re.search(r"\w", plain):
        return WORDLESS
    answers = {_GREETING: HELLO, _THANKS: WELCOME, _ANSWER: BARE}
    return next((answer for pattern, answer in answers.items() if pattern.fullmatch(plain)), "")
