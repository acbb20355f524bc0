"""Names in a .zip as their writer meant them: many programs write no UTF-8 and do not say what they write."""

import re
import unicodedata
import zipfile
from collections.abc import Sequence

UTF8_FLAG = 0x800
# What programs write without a word: macOS UTF-8, Windows the code page of its language.
_DOUBLE = ("cp932", "gbk", "big5", "euc_kr")
_SINGLE = ("cp437", "cp850", "cp1252")


def alike(name: str) -> str:
    """Return a name as it is compared: case and the two ways of writing "ä" make no difference.

    >>> alike("De\N{COMBINING ACUTE ACCENT}faut") == alike("DÉFAUT")
    True
    """
    return unicodedata.normalize("NFC", name).casefold()


def decoded(members: Sequence[zipfile.ZipInfo], classes: Sequence[str] = ()) -> list[str]:
    """Return the members' names; those without the flag for UTF-8 in the one encoding that fits them all.

    That is UTF-8 if the bytes are UTF-8. Else the names of the class folders tell, if they are there in one
    encoding only; else an encoding with two bytes a character, if whole words come out; else what ZIP
    prescribes, cp437. Names are in NFC, their slashes as they were written.
    """
    raw = [None if info.flag_bits & UTF8_FLAG else info.orig_filename.encode("cp437") for info in members]
    odd = [name for name in raw if name is not None and not name.isascii()]
    encoding = _encoding(odd, classes) if odd else "ascii"
    names = (
        info.filename if name is None else name.decode(encoding)
        for info, name in zip(members, raw, strict=True)
    )
    return [unicodedata.normalize("NFC", name.partition("\0")[0]) for name in names]


def _encoding(names: list[bytes], classes: Sequence[str]) -> str:
    read = {}
    for encoding in ("utf-8", *_SINGLE[:1], *_DOUBLE, *_SINGLE[1:]):
        try:
            read[encoding] = [name.decode(encoding) for name in names]
        except UnicodeDecodeError:
            continue
    if "utf-8" in read:
        return "utf-8"
    wanted = {alike(name) for name in classes if not name.isascii()}
    for encoding, texts in read.items():
        parts = {alike(part) for text in texts for part in re.split(r"[/\\]", text)}
        if wanted and wanted <= parts:
            return encoding
    return next((encoding for encoding in _DOUBLE if _are_words(read.get(encoding, []))), "cp437")


def _are_words(texts: list[str]) -> bool:
    """Tell whether these can be names in Chinese, Japanese or Korean: letters, never one alone.

    Other languages' letters, read as one of these by mistake, give single characters among Latin ones.
    """
    runs = [run for text in texts for run in re.findall(r"[^\x00-\x7f]+", text)]
    half_width = re.compile("[\uff61-\uff9f]")
    return bool(runs) and all(len(run) > 1 and run.isalnum() and not half_width.search(run) for run in runs)
