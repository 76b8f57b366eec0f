"""Files that mean harm, or are only broken. All are made where they are asked for, small ones by a seed.

``REFUSED`` are given up in one sentence, ``PDFS`` are left out, ``HEAVY`` take no memory.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECRET = "the words that lie outside"
CHAT = "13/06/2018, 09:26 - Mira: hello\n13/06/2018, 09:27 - Olek: hi\n"
LONG = 96 << 20  # bytes of what is far too long

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


def laughing(folder: Path) -> None:
    """Frontmatter that would be endless if anybody wrote it out."""
    laughs = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    (folder / "a.md").write_text(f"---\na0: &a0 [ha, ha]\n{laughs}tags: *a11\naliases: *a11\n---\nx")


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

PDFS: dict[str, bytes] = {
    "noise": b"%PDF-1.7\n" + noise(30, 5000),
    "nothing": b"%PDF-1.7\n",
    "pages that are each other's": b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages"
    b"/Kids[2 0 R]/Count 9>>\nendobj\ntrailer\n<</Root 1 0 R>>\n",
    "a stream that unpacks without end": b"%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n"
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n"
    b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>\nendobj\n4 0 obj\n"
    b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n"
    % (len(bombed()), bombed()),
    "objects without a bottom": b"%PDF-1.4\n1 0 obj\n" + b"[" * 50_000 + b"\nendobj\ntrailer\n<</Root 1 0 R>>\n",
    "a table of objects that lies": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\n0 99999999\n0000000000 65535 f \n"
    b"trailer\n<</Size 1>>\nstartxref\n30\n%%EOF",
}

LINE = b"x" * 999 + b"\n"
HEAVY: dict[str, Make] = {
    "zip that unpacks without end": REFUSED["zip that unpacks without end"],
    "zip that says it is small": REFUSED["zip that says it is small"],
    "tar that unpacks without end": REFUSED["tar that unpacks without end"],
    "billion laughs": REFUSED["billion laughs"],
    "quadratic entities": REFUSED["quadratic entities"],
    "frontmatter that laughs": folder_with(laughing),
    "a pdf that unpacks without end": plain("a.pdf", PDFS["a stream that unpacks without end"]),
    "a line without an end": plain("a.txt", lambda: CHAT.encode() + b"x" * LONG),
    "a note without an end": plain("a.md", lambda: LINE * (LONG // 1000)),
    "a table with a cell without an end": plain("a.csv", lambda: b'text\nfine\n"' + LINE * (LONG // 1000) + b'"\n'),
    "a letter without an end": plain("a.mbox", lambda: LETTER + b"\n" + LINE * (LONG // 1000)),
    "a long json": plain(
        "result.json",
        lambda: (
            b'{"name": "M", "id": 1, "messages": [{"id": 0, "from_id": "1"}'
            + b",".join(
                [
                    b"",
                    *[
                        json.dumps({"id": n, "type": "message", "text": "x" * 99_000}).encode()
                        for n in range(LONG // 100_000)
                    ],
                ]
            )
            + b"]}"
        ),
    ),
    "a notebook with a picture without an end": plain(
        "a.enex",
        lambda: b"<en-export><note><resource><data>" + LINE * (LONG // 1000) + b"</data></resource></note></en-export>",
    ),
    "a notebook with a note without an end": plain(
        "a.enex", lambda: b"<en-export><note><content>" + LINE * (LONG // 1000) + b"</content></note></en-export>"
    ),
}
