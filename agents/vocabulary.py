"""Small lists of words that checking needs: English, German, French and Spanish, and the negations of a few more."""

from __future__ import annotations


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION_WORDS = _listed(
    """
    a about above after again all also although an and any are as at be because been before being below between both
    but by can could did do does during each even every few for from further had has have having he her here his how
    if in into is it its just like many may more most much must of off on only onto or other our out over own same
    she should since so some such than that the their them then there these they this those through to today too
    under until up upon was we were what when where whether which while who whom whose why will with within would
    yet you your ab aber alle als am auch auf aus bei beim bis da damit dann das dass dem den denn der des deshalb
    die dies diese diesem diesen dieser dieses doch durch ein eine einem einen einer eines er es etwas für gegen
    haben hat hier ihr ihre ihrem ihren im immer indem ist jede jeder jedes jetzt kann können man mehr mit muss
    müssen nach neben noch nun nur ob oder sehr sein seine seit sich sie sind sollen sowie über um und unter viele
    vom von vor war waren weil wenn wer werden wie wieder wir wird wo wurde wurden zu zum zur zwischen alors après
    au aux avec avant ce ceci cela ces cet cette chez comme dans de depuis dont du elle elles en encore entre est et
    étaient été était être eux fait il ils la le les leur leurs lors lui mais même nos notre nous ont ou où par
    pendant peu peut plus pour qu que quand qui sa selon ses si son sont sous sur tout toute toutes tous très un une
    vers vos votre vous al algo ante antes aún aunque bajo cada como con cual cuando del desde donde dos durante el
    él ella ellas ellos era esa ese eso esta está están estas este esto estos fue fueron ha han hasta hay las lo los
    más mientras muy o otra otro otros para pero poco por porque puede quien se según ser sí sobre su sus también
    tan tanto tiene todo todos tras tu una unas unos y ya
    """
)
DETERMINERS = _listed(
    """
    der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner im am zum zur beim vom
    ins ans diese dieser dieses diesen diesem ihr ihre ihren ihrem ihrer sein seine seinen seinem seiner unsere
    unser mehr viele alle
    """
)
NEGATIONS = _listed(
    """
    not no never none nobody nothing neither nor without cannot cant wont isnt arent wasnt werent doesnt dont didnt
    nicht nichts nie niemals niemand niemandem niemanden kein keine keinen keinem keiner keines ohne weder nein ne
    pas jamais rien aucun aucune sans non nunca jamás nada nadie ningún ninguna ninguno sin tampoco ni não niet geen
    nooit inte ikke aldrig не нет никогда ни без bez
    """
)

_COUNTED = {
    "2": "two zwei deux dos",
    "3": "three drei trois tres",
    "4": "four vier quatre cuatro",
    "5": "five fünf cinq cinco",
    "6": "six sechs seis",
    "7": "seven sieben sept siete",
    "8": "eight acht huit ocho",
    "9": "nine neun neuf nueve",
    "10": "ten zehn dix diez",
    "11": "eleven elf onze once",
    "12": "twelve zwölf douze doce",
    "20": "twenty zwanzig vingt veinte",
    "hundred": "hundred hundreds hundert hunderte cent cents cien ciento cientos",
    "thousand": "thousand thousands tausend tausende mille mil miles",
    "million": "million millions millionen mio millón millones",
    "billion": "billion billions milliarde milliarden mrd milliard milliards",
    "%": "percent prozent pourcent porcentaje",
    "€": "euro euros eur",
    "$": "dollar dollars usd dólar dólares",
    "£": "pound pounds gbp pfund",
}
COUNT_WORDS = {word: value for value, spelt in _COUNTED.items() for word in spelt.split()}
"""Numbers and units spelt out → how they are compared. The words for one are articles and count for nothing."""
