"""What a file is, by its first bytes, for messages about files that are no pictures."""

from __future__ import annotations

import re
from typing import Final

_SIGNATURES: Final = (
    (rb"%PDF-", "a PDF document"),
    (rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body)\b", "a web page (HTML)"),
    (rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg\b", "an SVG drawing"),
    (rb"\s*<\?xml", "an XML file"),
    (rb"%!PS", "a PostScript file"),
    (rb".{4}ftyp(?:qt|isom|iso\d|mp4\d|mp41|M4V|avc1|dash|3g|MSNV)", "a film (MP4 or MOV)"),
    (rb".{4}(?:moov|mdat|wide|free)", "a film (MOV)"),
    (rb".{4}ftyp(?:M4A|M4B)", "a sound file (M4A)"),
    (rb".{4}ftypcrx", "a camera raw file (CR3)"),
    (rb"RIFF.{4}AVI ", "a film (AVI)"),
    (rb"RIFF.{4}WAVE", "a sound file (WAV)"),
    (rb"\x1aE\xdf\xa3", "a film (Matroska or WebM)"),
    (rb"\0\0\x01[\xb3\xba]", "a film (MPEG)"),
    (rb"OggS", "an Ogg file"),
    (rb"ID3|\xff[\xf2\xf3\xfb]", "a sound file (MP3)"),
    (rb"PK\x03\x04", "a ZIP archive or an office document"),
    (rb"\x1f\x8b", "a gzip archive"),
    (rb"BZh", "a bzip2 archive"),
    (rb"\xfd7zXZ\0", "an xz archive"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7-zip archive"),
    (rb"Rar!", "a RAR archive"),
    (rb"\x7fELF|MZ", "a program"),
    (rb"\xd0\xcf\x11\xe0", "an old office document"),
    (rb"FUJIFILMCCD-RAW", "a camera raw file (RAF)"),
    (rb"FOVb", "a camera raw file (X3F)"),
    (rb"II[RU][SO\0]|MMOR", "a camera raw file"),
    (rb"AT&TFORM", "a DjVu document"),
    (rb"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (rb"#\?RADIANCE", "a Radiance HDR picture"),
    (rb"SIMPLE  =", "a FITS picture"),
    (rb"gimp xcf", "a GIMP picture"),
    (rb"DDS ", "a DDS texture"),
    (rb"version https://git-lfs", "a Git LFS pointer, whose file is elsewhere"),
)  # fmt: skip


def kind_of(file_bytes: bytes) -> str:
    """Name what a file is, with its article; empty where nothing is known of it."""
    head = file_bytes[:4096]
    for pattern, name in _SIGNATURES:
        if re.match(pattern, head, re.DOTALL | re.IGNORECASE):
            return name
    if head and not re.search(rb"[^\x09\x0a\x0d\x20-\x7e\x80-\xff]", head):
        return "a text file"
    return ""
