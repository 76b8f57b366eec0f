"""What WhatsApp itself writes into a chat: placeholders of files, marks of edits and deletions, names of exports."""

from __future__ import annotations

import re
from typing import Final

from memory.records import Media
from tools.importers.whatsapp_lines import MARKS

_TITLE: Final = re.compile(
    r"(?i)whats\s?app[\s-]*chat(?:verlauf)?\s*(?:-|with|mit|avec|con|com|met|med|z|s|с|ile)?\s+"
    r"|(?:chat|conversa|discussion|conversación)\s+(?:de\s+|do\s+)?whatsapp\s+(?:con|com|avec|with|di)\s+"
)
_COPY: Final = re.compile(r"\s*\(\d+\)\Z")
_MARK: Final = re.compile(f"[{MARKS}]")
_FILE: Final = re.compile(
    rf"[{MARKS}]*+(?:<[^:<>]{{1,25}}:\s*(?P<angle>[^<>:]{{1,150}}\.\w{{2,5}})\s*>"
    rf"|(?P<bare>[^\n/\\:<>]{{1,150}}\.\w{{2,5}})\s[{MARKS}]*"
    rf"(?:\([^()\n]{{4,40}}\)|<[{MARKS}]*[^<>\n]{{4,25}}>))[{MARKS}]*\Z"
)
_OMITTED: Final = re.compile(rf"[{MARKS}]*<[^<>\n]{{4,60}}>[{MARKS}]*\Z|null\Z")
_EDITED_WORDS: Final = (
    *("This message was edited", "Diese Nachricht wurde bearbeitet", "Se editó este mensaje.?", "Mensagem editada"),
    *("Ce message a été modifié", "Questo messaggio è stato modificato", "Dit bericht is bewerkt"),
    *("Сообщение изменено", "Bu mesaj düzenlendi"),
)
_EDITED: Final = re.compile(rf"\s*(?:[{MARKS}]+<[^<>\n]{{5,60}}>|<(?:{'|'.join(_EDITED_WORDS)})>)\s*\Z")
_TAIL: Final = 120  # signs in which such a mark would stand
_DELETED_WORDS: Final = (
    *(
        "this message was deleted",
        "you deleted this",
        "diese nachricht wurde gelöscht",
        "du hast diese nachricht gelösch",
    ),
    *("(?:se )?eliminó este mensaje", "eliminaste este mensaje", "(?:essa )?mensagem (?:foi )?apagada", "você apagou"),
    *("ce message a été supprimé", "vous avez supprimé", "questo messaggio è stato eliminat", "hai eliminato questo"),
    *("dit bericht is verwijderd", "u hebt dit bericht verwijderd", "данное сообщение удалено", "вы удалили данное"),
    *("bu mesaj silindi", "bu mesajı sildiniz", "تم حذف هذه الرسالة", "このメッセージは削除", "此消息已删除"),
    *("यह संदेश हटा", "이 메시지는 삭제", "usunięto tę wiadomość", "pesan ini (?:telah )?dihapus"),
)
_DELETED: Final = re.compile(rf"[{MARKS}]*(?:{'|'.join(_DELETED_WORDS)})", re.IGNORECASE)
_PICTURES: Final = {"jpg", "jpeg", "png", "gif", "webp", "heic"}


def title_in(stem: str) -> str:
    """ "WhatsApp Chat with Ann (2)" → "Ann"; empty where a name does not look like that."""
    plain = _COPY.sub("", _MARK.sub("", stem)).strip()
    title = _TITLE.sub("", plain, count=1).strip(" -")
    return title if title != plain else ""


def deleted(text: str) -> bool:
    """Whether the message was taken back."""
    return len(text) < 120 and _DELETED.match(text) is not None


def unmarked(text: str) -> str:
    """The message without the mark that it was edited."""
    return text[:-_TAIL] + _EDITED.sub("", text[-_TAIL:])


def of_the_app(text: str) -> bool:
    """iPhones mark their own words ("image omitted", "missed voice call") by an unseen sign before them."""
    return text.startswith(tuple(MARKS[:2])) and "\n" not in text and len(text) < 120


def files(text: str) -> tuple[str, tuple[Media, ...]]:
    """A file's name in its placeholder is no word of the message; the caption below it is."""
    first, _, caption = text.partition("\n")
    if match := _FILE.match(first):
        name = (match["angle"] or match["bare"]).strip()
        kind = "image" if name.rpartition(".")[2].lower() in _PICTURES else "file"
        return caption, (Media(kind, url=name),)
    return (caption, (Media("file"),)) if _OMITTED.match(first) else (text, ())
