"""Files that mean harm, or are only broken: each is refused in one sentence, or read as far as it goes.

None reads or writes outside its place, none takes the memory, none is a traceback. All are made here, small, by a seed.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import re
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing, Taken
from config.errors import SourceError
from memory.records import Fetched
from tools.importers import importer, kind_of, kinds
from tools.importers.opening import opened

ROOT = Path(__file__).parents[2]
SECRET = "the words that lie outside"
CHAT = "13/06/2018, 09:26 - Mira: hello\n13/06/2018, 09:27 - Olek: hi\n"
LIMIT = 500 << 20  # bytes of memory
SMALL = 50_000  # signs: more than that is only read here, not cut, indexed and stored
UNSEEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u200b\u202a-\u202e\ud800-\udfff\U000e0000-\U000e007f]")

Make = Callable[[Path], Path]


def zipped(*files: tuple[str, bytes], tamper: Callable[[bytes], bytes] = bytes, link: str = "") -> Make:
    def make(folder: Path) -> Path:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files:
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = (0o120777 if name == link else 0o100644) << 16
                archive.writestr(info, data)
        path = folder / "export.zip"
        path.write_bytes(tamper(packed.getvalue()))
        return path

    return make


def tarred(*infos: tuple[str, bytes, bytes, str], packed: bool = True) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "export.tar.gz"
        with tarfile.open(path, "w:gz" if packed else "w") as archive:
            for name, data, kind, target in infos:
                info = tarfile.TarInfo(name)
                info.size, info.type, info.linkname = len(data), kind, target
                archive.addfile(info, io.BytesIO(data))
        return path

    return make


def plain(name: str, data: bytes | Callable[[], bytes]) -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data())
        return path

    return make


def folder_with(act: Callable[[Path], None]) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "notes"
        path.mkdir()
        (path / "fine.md").write_text("fine words")
        act(path)
        return path

    return make


def lying(old: int, new: int) -> Callable[[bytes], bytes]:
    """Another size, in both of the places where a zip tells it."""
    return lambda data: data.replace(struct.pack("<L", old), struct.pack("<L", new))


def noise(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)


def bombed() -> bytes:
    return zlib.compress(bytes(64 << 20), 9)


TEXT = ("a.txt", b"words")
REG, SYM, LNK, CHR, FIFO = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
NOTE = "<note><title>t</title><created>20240101T000000Z</created><content>{}</content></note>"
LETTER = b"From a@b.example Fri Mar 01 09:00:00 2024\nFrom: a@b.example\nDate: Fri, 01 Mar 2024 09:00:00 +0000\n"


def enex(head: str, content: str = "x") -> Make:
    return plain("a.enex", f'<?xml version="1.0"?>{head}<en-export>{NOTE.format(content)}</en-export>'.encode())


def telegram(messages: str) -> Make:
    text = '{"name": "Mira", "type": "personal_chat", "id": 1, "messages": ['
    good = (
        '{"id": 1, "type": "message", "date": "2024-03-01T09:00:00", "from": "Mira", "from_id": "user2", "text": "a"}'
    )
    return plain("result.json", f"{text}{good}, {messages}]}}".encode())


ESCAPES = (
    *("../outside.txt", "../../outside.txt", "a/../../outside.txt", "/etc/outside.txt", "//server/share.txt", ".."),
    *("..\\outside.txt", "C:\\outside.txt", "C:outside.txt", "a\\..\\b.txt", "a\x00b.txt", "a\nb.txt", "\x7f.txt"),
    *("CON", "con.txt", "NUL", "aux.md", "COM1.txt", "a/LPT1", "prn .txt", "CLOCK$", "x/" * 70 + "a.txt", "n" * 2000),
)

REFUSED: dict[str, Make] = {
    **{f"zip with {name[:24]!a}": zipped(TEXT, (name, b"x")) for name in ESCAPES if "\x00" not in name},
    "zip with a name of two": zipped(TEXT, ("a@b.txt", b"x"), tamper=lambda data: data.replace(b"a@b", b"a\0b")),
    **{
        f"tar with {name[:24]!a}": tarred(("a.txt", b"x", REG, ""), (name, b"x", REG, ""))
        for name in ESCAPES
        if "\x00" not in name and name != ".."
    },
    "zip with a link": zipped(TEXT, ("b.txt", b"/etc/passwd"), link="b.txt"),
    "zip with a link to a folder": zipped(("b", b".."), ("b/c.txt", b"x"), link="b"),
    "tar with a link": tarred(("a.txt", b"x", REG, ""), ("b.txt", b"", SYM, "/etc/passwd")),
    "tar with a hard link": tarred(("a.txt", b"x", REG, ""), ("b.txt", b"", LNK, "../outside.txt")),
    "tar with a device": tarred(("a.txt", b"x", REG, ""), ("b.txt", b"", CHR, "")),
    "tar with a pipe": tarred(("a.txt", b"x", REG, ""), ("b.txt", b"", FIFO, "")),
    "zip that unpacks without end": zipped(("a.txt", bytes(64 << 20))),
    "zip that says it is small": zipped(("a.txt", bytes(64 << 20)), tamper=lying(64 << 20, 1000)),
    "zip that says it is huge": zipped(TEXT, tamper=lying(5, 0xFFFFFFF0)),
    "tar that unpacks without end": plain("a.tar.gz", lambda: gzip.compress(bytes(300 << 20), 9)),
    "tar with a file without end": tarred(("a.txt", bytes(64 << 20), REG, "")),
    "zip with a file twice": zipped(TEXT, TEXT),
    "zip cut off": zipped(TEXT, ("b.txt", noise(1, 9000)), tamper=lambda data: data[:-40]),
    "zip cut in the middle": zipped(TEXT, ("b.txt", noise(2, 9000)), tamper=lambda data: data[: len(data) // 2]),
    "zip with an endless list": zipped(TEXT, tamper=lambda data: data[:-10] + struct.pack("<LLH", 1 << 30, 0, 0)),
    "zip of nothing but its beginning": plain("a.zip", b"PK\x03\x04"),
    "zip of noise": plain("a.zip", b"PK\x03\x04" + noise(3, 5000)),
    "tar of noise": plain("a.tar", b"ustar".rjust(262, b"x") + noise(4, 5000)),
    "gzip of no tar": plain("a.gz", gzip.compress(b"only words")),
    "gzip cut off": plain("a.tgz", gzip.compress(noise(5, 20_000))[:9000]),
    "rar": plain("a.rar", b"Rar!\x1a\x07\x00" + noise(6, 100)),
    "7z": plain("a.7z", b"7z\xbc\xaf\x27\x1c" + noise(7, 100)),
    "bzip2": plain("a.tar.bz2", b"BZh9" + noise(8, 100)),
    "xz": plain("a.tar.xz", b"\xfd7zXZ\x00" + noise(9, 100)),
    "only a nested archive": zipped(("inner.zip", b"PK\x03\x04")),
    "an empty file": plain("a", b""),
    "noise": plain("a.bin", noise(10, 10_000)),
    "billion laughs": enex(f'<!DOCTYPE e [<!ENTITY l0 "ha">{LAUGHS}]>', "&l9;"),
    "an entity of a file": enex(f'<!DOCTYPE e [<!ENTITY x SYSTEM "file://{ROOT}/LICENSE">]>', "&x;"),
    "an entity of the web": enex('<!DOCTYPE e [<!ENTITY x SYSTEM "http://169.254.169.254/">]>', "&x;"),
    "a parameter entity": enex('<!DOCTYPE e [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>'),
    "an entity of its own": enex('<!DOCTYPE e [<!ENTITY x "y">]>', "&x;"),
    "quadratic entities": enex(f'<!DOCTYPE e [<!ENTITY x "{"y" * 50_000}">]>', "&x;" * 5000),
    "xml cut off": plain("a.enex", b"<?xml version='1.0'?><en-export><note><title>a"),
    "xml of noise": plain("a.enex", b"<en-export>" + noise(11, 3000)),
    "xml in an unknown charset": plain("a.enex", b'<?xml version="1.0" encoding="x-martian"?><en-export/>'),
    "a letter with parts in parts": plain(
        "a.mbox",
        LETTER
        + b"Content-Type: multipart/mixed; boundary=0\n\n"
        + b"".join(b"--%d\nContent-Type: multipart/mixed; boundary=%d\n\n" % (n, n + 1) for n in range(3000)),
    ),
    "json cut off": plain(
        "result.json", b'{"name": "M", "type": "x", "id": 1, "messages": [{"id": 1, "date_unixtime": "17'
    ),
    "json with noise in it": telegram("\x00\x01"),
    "json with half a sign": telegram('{"text": "\\ud8"}'),
    "json of nothing but brackets": plain("result.json", b'{"id": 1, "messages": [{"date_unixtime":' + b"[" * 200_000),
}

READ: dict[str, Make] = {
    **{
        f"a chat in {charset}": plain(
            "_chat.txt", (CHAT + "14/06/2018, 09:27 - Zoë: Grüße €\n").encode(charset, "replace")
        )
        for charset in ("utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "utf-16-le")
    },
    "a chat with noise in it": plain("_chat.txt", CHAT.encode() + noise(20, 5000)),
    "a chat with control signs": plain(
        "_chat.txt", (CHAT + "13/06/2018, 09:28 - Mira: \x00\x1b[2J\x07a\x08\n").encode()
    ),
    "a chat with reversed signs": plain(
        "_chat.txt", (CHAT + "13/06/2018, 09:28 - \u202eariM: \u202etxt.exe\n").encode()
    ),
    "a chat with smuggled tags": plain(
        "_chat.txt", (CHAT + "13/06/2018, 09:28 - Mira: a\U000e0041\U000e0042\n").encode()
    ),
    "a chat with half signs": plain("_chat.txt", CHAT.encode() + b"13/06/2018, 09:28 - Mira: \xed\xa0\x80 \xf0\x9f\n"),
    "a chat with a line of 10 MB": plain(
        "_chat.txt", lambda: CHAT.encode() + b"x" * (10 << 20) + b"\n" + CHAT.encode()
    ),
    "a chat of one message of 2 MB": plain("_chat.txt", lambda: CHAT.encode() + b"some words\n" * 200_000),
    "a chat from the year 0": plain("_chat.txt", (CHAT + "00/00/0000, 00:00 - Mira: never\n").encode()),
    "a chat with a name without end": plain("_chat.txt", f"{CHAT}13/06/2018, 09:28 - {'M' * 90_000}: a\n".encode()),
    "a chat with a number that is none": plain("_chat.txt", f"{CHAT}²³/⁰⁶/2018, ①9:28 - Mira: a\n".encode()),
    "a chat by a date over and over": plain("_chat.txt", ("13/06/2018, 09:26 - " * 5000 + "\n" + CHAT * 2).encode()),
    "a vault of links to the outside": folder_with(lambda p: (p / "out.md").symlink_to(p.parent / "secret.md")),
    "a vault in a link": folder_with(lambda p: (p / "out").symlink_to(p.parent)),
    "a vault that holds itself": folder_with(lambda p: (p / "me").symlink_to(p)),
    "a vault with a pipe": folder_with(lambda p: os.mkfifo(p / "pipe.md")),
    "a vault with a link to a device": folder_with(lambda p: (p / "zero.md").symlink_to("/dev/zero")),
    "a vault sixty-six folders deep": folder_with(lambda p: (p.joinpath(*["d"] * 66)).mkdir(parents=True)),
    "frontmatter with an object": folder_with(
        lambda p: (p / "a.md").write_text("---\na: !!python/object/apply:os.system ['touch outside']\n---\nx")
    ),
    "frontmatter that laughs": folder_with(
        lambda p: (p / "a.md").write_text(
            "---\na0: &a0 [ha, ha]\n"
            + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
            + "tags: *a11\naliases: *a11\n---\nx"
        )
    ),
    "frontmatter without a bottom": folder_with(lambda p: (p / "a.md").write_text(f"---\na: {'[' * 9000}\n---\nx")),
    "frontmatter without an end": folder_with(lambda p: (p / "a.md").write_text("---\n" + "a: b\n" * 50_000)),
    "frontmatter that is its own parent": folder_with(lambda p: (p / "a.md").write_text("---\ntags: &a [*a]\n---\nx")),
    "a date that is none": folder_with(lambda p: (p / "a.md").write_text("---\ndate: 2024-99-99\n---\nx")),
    "a date before time": folder_with(lambda p: (p / "a.md").write_text("---\ndate: 0001-01-01\n---\nx")),
    "a note of brackets": folder_with(lambda p: (p / "a.md").write_text("[[" * 100_000)),
    "a note of code that never ends": folder_with(lambda p: (p / "a.md").write_text("```\n" * 30_001 + "`" * 50_000)),
    "a note of pictures": folder_with(lambda p: (p / "a.md").write_text("![](" * 50_000)),
    "a note of comments": folder_with(lambda p: (p / "a.md").write_text("%% " * 50_001)),
    "a note of quotation marks": folder_with(lambda p: (p / "a.md").write_text(">" * 200_000)),
    "a note with a link to the outside": folder_with(
        lambda p: (p / "a.md").write_text("![[../../secret.md]] [[/etc/passwd]]")
    ),
    "a note of 10 MB": folder_with(lambda p: (p / "a.md").write_text("long " * (2 << 20))),
    "a note that is no text": folder_with(lambda p: (p / "a.md").write_bytes(noise(21, 50_000))),
    "a letter of noise": plain("a.mbox", LETTER + b"\n" + noise(22, 5000)),
    "a letter in an unknown charset": plain(
        "a.mbox", LETTER + b"Content-Type: text/plain; charset=x-martian\n\nhello\n"
    ),
    "a letter in a charset that is code": plain(
        "a.mbox", LETTER + b"Content-Type: text/plain; charset=zlib\n\nhello\n"
    ),
    "a letter in broken base64": plain(
        "a.mbox", LETTER + b"Content-Transfer-Encoding: base64\n\n!!!!%%%\xff\n\n" + LETTER + b"\nhello\n"
    ),
    "a letter with a header without end": plain(
        "a.mbox", LETTER + b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nhello\n"
    ),
    "a letter with many references": plain("a.mbox", LETTER + b"References: " + b"<a@b> " * 90_000 + b"\n\nhello\n"),
    "a letter with a file that leads out": plain(
        "a.mbox",
        LETTER + b'Content-Type: text/plain; name="x"\nContent-Disposition: attachment; filename="../../outside"\n\nx\n'
        b"\n" + LETTER + b"\nhello\n",
    ),
    "a letter of html that nests": plain(
        "a.mbox", LETTER + b"Content-Type: text/html\n\n" + b"<div><blockquote>" * 20_000 + b"hello"
    ),
    "a letter that quotes and quotes": plain(
        "a.mbox", LETTER + b"\n" + b"On a b wrote " * 20_000 + b"\n" + b"> " * 90_000
    ),
    "a letter with a script": plain("a.mbox", LETTER + b"Content-Type: text/html\n\n<script>x</script><p>hello</p>"),
    "a notebook without an end in its note": enex("", "<![CDATA[<en-note>" + "<div>" * 50_000 + "hello]]>"),
    "a notebook with a strange note": enex(
        "", "<![CDATA[<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><p>&y;</p>]]>"
    ),
    "telegram with rows that are none": telegram('1, null, "x", [], {}, {"type": "message"}'),
    "telegram from the far future": telegram(
        '{"id": 2, "type": "message", "date_unixtime": "99999999999", "text": "a"}'
    ),
    "telegram with text of text": telegram(
        '{"id": 2, "type": "message", "date": "2024-03-01T09:00:00", "text": [[["a"]], {"text": {"a": 1}}, 5]}'
    ),
    "telegram with a text that nests": telegram(
        '{"id": 2, "type": "message", "date": "2024-03-01T09:00:00", "text": ' + "[" * 20_000 + "]" * 20_000 + "}"
    ),
    "telegram with a number of forty digits": telegram(
        f'{{"id": {"9" * 40}, "type": "message", "date": "2024-03-01T09:00:00", "text": "a", "from": "M"}}'
    ),
    "whatsapp rows that are none": plain(
        "result.json",
        b'{"1@s.whatsapp.net": {"name": "M", "messages": {"1": 5, "2": null, "3": {"data": [1]}, '
        b'"4": {"data": "hello", "timestamp": 1709197200}}}}',
    ),
    "json lines that are none": plain(
        "a.jsonl", b'{"text": "a"}\n{"text": \n[1]\n"x"\nnull\n' + b"[" * 100_000 + b"\n"
    ),
    "json lines with a line of 10 MB": plain(
        "a.jsonl", lambda: b'{"text": "a"}\n{"text": "' + b"x" * (10 << 20) + b'"}\n'
    ),
    "json with the same key": plain("a.jsonl", b'{"text": "a", "text": {"b": "c"}}\n{"text": "b"}\n'),
    "json with endless numbers": plain(
        "a.jsonl", b'{"text": "a", "id": 1e999, "at": ' + b"9" * 5000 + b'}\n{"text": "b"}\n'
    ),
    "a table with a cell of 1 MB": plain("a.csv", lambda: b'text\nfine\n"' + b"x\n" * (1 << 19) + b'"\nlast\n'),
    "a table with too many cells": plain("a.csv", b"text,at\nfine,\n" + b"," * 200_000 + b"\n"),
    "a table of noise": plain("a.csv", b"text,at\nfine,\n" + noise(23, 5000)),
    "a table of formulas": plain("a.csv", b'text\n"=HYPERLINK(""http://x"")"\n+1+cmd|calc\n'),
    "text of noise": plain("a.txt", b"words " + bytes(n for n in noise(24, 5000) if n)),
    "signal rows that are none": plain(
        "data.json", b'{"date": "2024-05-01T10:00:00", "sender": "M", "body": "hello"}\n{"sender": [], "body": {}}\n5\n'
    ),
    "a pdf of noise beside a fine one": folder_with(lambda p: (p / "a.pdf").write_bytes(b"%PDF-1.7" + noise(25, 5000))),
    "an archive in a zip": zipped(TEXT, ("inner.tar.gz", noise(26, 100))),
}

PDFS: dict[str, bytes] = {
    "noise": b"%PDF-1.7\n" + noise(30, 5000),
    "nothing": b"%PDF-1.7\n",
    "pages that are each other's": b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[2 0 R]"
    b"/Count 9>>\nendobj\ntrailer\n<</Root 1 0 R>>\n",
    "a stream that unpacks without end": b"%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages"
    b"/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R>>\nendobj\n4 0 obj\n<</Filter"
    b"/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n" % (len(bombed()), bombed()),
    "objects without a bottom": b"%PDF-1.4\n1 0 obj\n" + b"[" * 50_000 + b"\nendobj\ntrailer\n<</Root 1 0 R>>\n",
    "a table of objects that lies": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\n0 99999999\n0000000000 65535 f \ntrailer\n<</Size 1>>\n"
    b"startxref\n30\n%%EOF",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of its own, with a secret beside it."""
    for name in ("secret.md", "secret.txt", "outside.txt"):
        (tmp_path / name).write_text(SECRET)
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def around(place: Path) -> dict[str, str]:
    files = (path for path in place.parent.rglob("*") if path.is_file() and not path.is_symlink())
    return {
        str(path): path.read_text("latin-1")
        for path in files
        if path.suffix in (".txt", ".md") and place not in path.parents
    }


def take(collector: Collector, path: Path) -> Taken:
    with opened(path) as export:
        return Importing(collector).take_in(importer(kind_of(export), export, {}), embed=False)


def one_sentence(words: str) -> None:
    assert re.fullmatch(r"[^\n\x00-\x1f]{10,400}\.", words), words
    assert "Traceback" not in words


@pytest.mark.parametrize("name", REFUSED)
def test_what_means_harm_is_refused_in_one_sentence(name: str, place: Path, collector: Collector) -> None:
    path = REFUSED[name](place)
    before = around(place)
    try:
        taken = take(collector, path)
    except SourceError as error:
        one_sentence(str(error))
    else:
        assert taken.failures or taken.damaged
        for words in (*taken.failures, *taken.examples):
            one_sentence(words)
    with collector.store.begin() as memory:
        kept = memory.items.by_id(range(50)).values()
    assert not any(SECRET in item.text or "root:" in item.text or "Apache" in item.text for item in kept)
    assert around(place) == before


@pytest.mark.parametrize("name", READ)
def test_what_is_only_broken_is_read_as_far_as_it_goes(name: str, place: Path, collector: Collector) -> None:
    path = READ[name](place)
    before = around(place)
    with opened(path) as export:
        rows = list(importer(kind_of(export), export, {}).fetch(None))
    for row in rows:
        if isinstance(row, SourceError):
            one_sentence(str(row))
    kept = [row.item for row in rows if isinstance(row, Fetched) and row.item is not None]
    assert kept
    if sum(len(item.searchable) for item in kept) < SMALL:
        taken = take(collector, path)
        assert taken.counts["new"] == len(kept)
    for item in kept:
        assert SECRET not in item.searchable
        assert not UNSEEN.search(item.searchable)
    assert around(place) == before


@pytest.mark.parametrize("name", PDFS)
def test_a_hostile_pdf_is_left_out(name: str, place: Path, collector: Collector) -> None:
    (place / "a.pdf").write_bytes(PDFS[name])
    taken = take(collector, place)
    assert taken.damaged or taken.skipped
    assert taken.counts["new"] == 0
    for words in taken.examples:
        one_sentence(words)


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("seed", range(3))
def test_no_importer_stumbles_over_noise(kind: str, seed: int, place: Path) -> None:
    path = plain("a.bin", noise(100 + seed, 20_000))(place)
    try:
        with opened(path) as export:
            rows = list(importer(kind, export, {}).fetch(None))
    except SourceError as error:
        one_sentence(str(error))
    else:
        assert all(isinstance(row, SourceError) or row.item for row in rows)


CHILD = f"""
import resource, sys
from pathlib import Path
from tools.importers import importer, kind_of
from tools.importers.opening import opened
from config.errors import SourceError
import ijson, nh3, yaml, pypdf, defusedxml.ElementTree, tools.sources.prose
resource.setrlimit(resource.RLIMIT_AS, ({LIMIT}, {LIMIT}))
try:
    with opened(Path(sys.argv[1])) as export:
        print(sum(1 for row in importer(kind_of(export), export, {{}}).fetch(None)), "rows")
except SourceError as error:
    print(error)
"""

HEAVY: dict[str, Make] = {
    "zip that unpacks without end": REFUSED["zip that unpacks without end"],
    "zip that says it is small": REFUSED["zip that says it is small"],
    "tar that unpacks without end": REFUSED["tar that unpacks without end"],
    "billion laughs": REFUSED["billion laughs"],
    "quadratic entities": REFUSED["quadratic entities"],
    "frontmatter that laughs": READ["frontmatter that laughs"],
    "a pdf that unpacks without end": plain("a.pdf", PDFS["a stream that unpacks without end"]),
    "a line of 300 MB": plain("a.txt", lambda: CHAT.encode() + b"x" * (300 << 20)),
    "a note of 300 MB": plain("a.md", lambda: b"x " * (150 << 20)),
    "a table with a cell of 300 MB": plain("a.csv", lambda: b'text\nfine\n"' + b"x\n" * (150 << 20) + b'"\n'),
    "a letter of 300 MB": plain("a.mbox", lambda: LETTER + b"\n" + b"x\n" * (150 << 20)),
    "json of 200 MB": plain(
        "result.json",
        lambda: (
            b'{"name": "M", "id": 1, "messages": [{"id": 0, "from_id": "1"}'
            + b",".join(
                [b"", *[json.dumps({"id": n, "type": "message", "text": "x" * 99_000}).encode() for n in range(2000)]]
            )
            + b"]}"
        ),
    ),
    "a notebook with a picture of 300 MB": plain(
        "a.enex",
        lambda: b"<en-export><note><resource><data>" + b"A\n" * (150 << 20) + b"</data></resource></note></en-export>",
    ),
    "a notebook with a note of 300 MB": plain(
        "a.enex", lambda: b"<en-export><note><content>" + b"A\n" * (150 << 20) + b"</content></note></en-export>"
    ),
}


@pytest.mark.parametrize("name", HEAVY)
def test_nothing_takes_the_memory(name: str, place: Path) -> None:
    path = HEAVY[name](place)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, path], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-800:]
    assert re.fullmatch(r"(?:\d+ rows|[^\n]+\.)\n", done.stdout)


def test_there_are_enough_of_them() -> None:
    assert len(REFUSED) + len(READ) + len(PDFS) + len(HEAVY) >= 150
