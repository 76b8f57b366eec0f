"""Words of greeting, thanks and good wishes in the main languages, and of what is raffled off or posted by machines."""

from __future__ import annotations

import re
from typing import Final


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


GREETINGS: Final = _listed(
    """
    hi hello hey hiya howdy greetings good morning afternoon evening night morn gm gn goodnight welcome
    happy birthday christmas merry thanks thank thx ty congrats congratulations cheers bye goodbye dreams
    guten guter gute morgen moin hallo servus grüezi wochenende frohe frohes weihnachten danke dank feierabend
    herzlichen glückwunsch geburtstag tschüss
    bonjour bonsoir salut coucou merci joyeux anniversaire félicitations bravo bonne
    hola buenos buenas feliz cumpleaños navidad gracias felicidades saludos bienvenido bienvenidos
    bom boa olá oi obrigado obrigada parabéns
    buongiorno buonasera buonanotte ciao grazie auguri buon compleanno buona
    goedemorgen goedemiddag goedenavond goeiemorgen hoi fijne dank bedankt gefeliciteerd welterusten
    dzień dobry cześć hej dobranoc dziękuję dzięki
    доброе утро добрый день вечер привет спокойной ночи спасибо поздравляю рождения
    günaydın merhaba selam geceler akşamlar teşekkürler
    καλημέρα καλησπέρα καληνύχτα γεια ευχαριστώ
    صباح الخير مساء مرحبا السلام عليكم شكرا
    नमस्ते शुभ प्रभात सुप्रभात धन्यवाद
    """
)
"""Words that greet, thank or wish well, as agents.words folds them."""

FILLERS: Final = _listed(
    """
    everyone everybody all folks friends there you your to my a the have nice great lovely wonderful day weekend week
    monday tuesday wednesday thursday friday saturday sunday easter year new so much many very see later sleep well
    sweet too and from me
    tag abend nacht zusammen alle allen an euch ihr lieben schönen schönes schöne woche ostern neues jahr dir vielen
    alles zum bis schlaft gut sonntag montag dienstag mittwoch donnerstag freitag samstag einen wünsche ich
    journée soirée nuit semaine fin de à tous toutes tout le monde beaucoup bien noël amis les et bon matin
    días dias tardes noches año nuevo semana todos todas muchas amigos amigas que tengan buen día y un
    tarde noite pessoal gente natal aniversário ótimo dia tutti tutte mille natale giornata serata
    allemaal dag je wel iedereen wszystkim miłego dnia всем большое днём с хорошего дня
    iyi herkese günler σας σε όλους للجميع
    """
)
"""What else mere greetings are made of."""

SPACELESS: Final = re.compile(
    r"おはよう(?:ございます)?|こんにちは|こんばんは|おやすみ(?:なさい)?|ありがとう(?:ございます)?|おめでとう(?:ございます)?"
    r"|よろしく(?:お願いします)?|お疲れ様(?:です|でした)?|みなさん|皆さん|早上好|早安|晚安|晚上好|下午好|你好|大家好|大家|谢谢|謝謝"
    r"|生日快乐|新年快乐|周末愉快|안녕(?:하세요)?|좋은아침(?:입니다)?|감사합니다|여러분|잘자요|สวัสดี(?:ครับ|ค่ะ)?|ขอบคุณ(?:ครับ|ค่ะ)?"
)
"""The same in scripts without spaces."""

PRIZES: Final = re.compile(
    r"\b(?:give[- ]?aways?\b|raffles?\b|sweepstakes?\b|win (?:a|an|one|free|this|these|the|\d)|to win\b"
    r"|free (?:nft|airdrop|crypto)|airdrop\b"
    r"|gewinnspiel|verlos(?:e|en|ung)|gewinnt? (?:ein|eine|einen|\d+)\b|zu gewinnen\b"
    r"|jeu concours\b|concours\b|à gagner\b|gagnez\b|tirage au sort\b"
    r"|sorteos?\b|sorteamos\b|gana (?:un|una|\d)|sorteio\b|sortear\b|concorra\b|estrazione\b|in palio\b"
    r"|winactie\b|konkurs\b|розыгрыш|разыгрыва\w)|抽奖|抽獎|プレゼント(?:企画|キャンペーン)|경품|이벤트 참여"
)
_NEAR: Final = r"\b[^.!?\n]{0,60}"
ENTER: Final = re.compile(
    rf"\b(?:follow|following|rt|retweet|reblog|boost|repost|like|tag|share|comment|reply|enter){_NEAR}"
    r"\b(?:to (?:win|enter|participate|join)|and (?:rt|retweet|boost|share|tag|like|repost|comment))\b"
    rf"|\bto (?:win|enter|participate){_NEAR}\b(?:follow|rt|retweet|boost|repost|like|tag|share|comment|reply)\b"
    rf"|\brt to win\b|\bfollow{_NEAR}\b(?:rt|retweet|boost|repost)\b|\bfollow (?:me|us|@)"
    rf"|\b(?:folg|teil|like|liked|kommentier|markier|repost)\w*{_NEAR}"
    r"\b(?:gewinn\w*|teilnehm\w*|lostopf|und (?:teil|lik|komment|folg)\w*)"
    rf"|\b(?:teilnehmen|gewinnen){_NEAR}\b(?:folg|teil|lik|komment|markier)\w*"
    rf"|\b(?:suivez|partagez|aimez|likez|commentez|rt){_NEAR}(?:\bet\b|\bpour (?:gagner|participer)\b|\+)"
    rf"|\bpour (?:participer|gagner)\b|\b(?:sigue|síguenos|sígueme|comparte|comenta|etiqueta|rt){_NEAR}(?:\by\b|\+)"
    rf"|\bpara (?:participar|ganar|concorrer)\b|\b(?:siga|compartilhe|curta|comente|marque){_NEAR}(?:\be\b|\bpara\b)"
    rf"|\bper partecipare\b|\b(?:volg|deel|like){_NEAR}\b(?:en|om)\b|\b(?:подпи\w+|репост\w*|лайк\w*)\b"
    r"|关注|關注|转发|轉發|フォロー|リポスト|リツイート|팔로우|리트윗"
)
"""A prize alone is news; with what one has to do for it, it is a giveaway."""

AUTOMATED: Final = re.compile(
    r"\b(?:(?:posted|sent|shared|tweeted|published) (?:via|by|from|using|with)|via (?:ifttt|zapier|buffer|hootsuite)"
    r"|now ?playing|is (?:now )?live on|i'm at\b.{0,80}\bin|my (?:week|month) on"
    r"|(?:gesendet|gepostet|geteilt|veröffentlicht) (?:via|über|von|mit)|gerade läuft"
    r"|(?:envoyé|publié|partagé) (?:via|depuis|par|avec)"
    r"|(?:enviado|publicado|compartido|compartilhado) (?:desde|via|vía|por|con|com)"
    r"|(?:inviato|pubblicato) (?:da|tramite)|отправлено (?:из|через|с))\b|♫|♬"
)
SENT_BY_ITSELF: Final = re.compile(
    r"\b(?:automatically (?:posted|checked|generated|tweeted|published|cross-?posted|sent)\b"
    r"|automated (?:message|post|update)\b|auto-?posted\b"
    r"|automatisch (?:erstellt|gepostet|veröffentlicht|gesendet|generiert|geplaatst)"
    r"|(?:publié|généré|envoyé) automatiquement\b|message automatique\b"
    r"|(?:publicado|generado|enviado|gerado) autom[aá]ticamente\b|men(?:saje|sagem) autom[aá]tic[ao]\b"
    r"|(?:pubblicato|generato) automaticamente\b|автоматическ\w+ (?:сообщени|публикац)\w)"
    r"|本(?:消息|微博|帖)\S{0,8}自动|自動(?:投稿|送信)(?:です|されました)"
)
