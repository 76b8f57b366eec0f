"""Files that are broken, or meant to be a burden, and can be read as far as they go."""

from __future__ import annotations

import os

from tests.scenarios.hostile_files import (
    CHAT,
    LETTER,
    TEXT,
    Make,
    enex,
    folder_with,
    laughing,
    noise,
    plain,
    telegram,
    zipped,
)

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
    "frontmatter that laughs": folder_with(laughing),
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
