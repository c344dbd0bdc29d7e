"""XMP packets that stay as they are, but for a few properties.

A packet is edited as text: what stands in it, in whatever order and spelling, stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

_END: Final = re.compile(r"</(?:[\w.-]+:)?RDF\s*>")
_HEADER: Final = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
_TIFF: Final = "http://ns.adobe.com/tiff/1.0/"


def with_properties(xmp: bytes, properties: Mapping[tuple[str, str, str], str]) -> bytes:
    """Set simple properties of an XMP packet, which is made where there is none.

    Parameters
    ----------
    xmp
        The packet; empty, or in UTF-8, UTF-16 or UTF-32.
    properties
        (namespace, prefix, name) -> value. Properties of that name that are there are replaced.
    """
    text = xmp_text(xmp)
    for namespace, _, name in properties:
        text = _without(text, namespace, name)
    spaces = {prefix: namespace for namespace, prefix, _ in properties}
    added = '<rdf:Description rdf:about=""'
    added += ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    added += "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in spaces.items()) + ">"
    for (_, prefix, name), value in properties.items():
        added += f"<{prefix}:{name}>{escape(value)}</{prefix}:{name}>"
    added += "</rdf:Description>"
    ends = list(_END.finditer(text))
    if ends:
        at = ends[-1].start()
        return (text[:at] + added + text[at:]).encode("utf-8")
    packet = (
        f'{_HEADER}<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'{added}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    return packet.encode("utf-8")


def upright_xmp(xmp: bytes) -> bytes:
    """XMP of a picture whose pixels were turned upright: a stated orientation becomes 1."""
    if not xmp:
        return xmp
    text = xmp_text(xmp)
    changed = text
    for prefix in xmp_prefixes(text, _TIFF):
        name = re.escape(f"{prefix}:Orientation")
        changed = re.sub(rf"(\b{name}\s*=\s*[\"'])\s*\d\s*([\"'])", r"\g<1>1\g<2>", changed)
        changed = re.sub(rf"(<{name}\b[^>]*>)\s*\d\s*(</)", r"\g<1>1\g<2>", changed)
    return xmp if changed == text else changed.encode("utf-8")


def value_of(xmp: bytes, namespace: str, name: str) -> str:
    """A simple property's value, as an attribute or an element; empty where it is missing."""
    text = xmp_text(xmp)
    for prefix in xmp_prefixes(text, namespace):
        full = re.escape(f"{prefix}:{name}")
        for pattern in (rf"\b{full}\s*=\s*\"([^\"]*)\"", rf"\b{full}\s*=\s*'([^']*)'",
                        rf"<{full}\b[^>]*>([^<]*)</"):  # fmt: skip
            if found := re.search(pattern, text):
                return str(found[1])
    return ""


def without_padding(xmp: bytes) -> bytes:
    """Cut the blank room at the end that lets a packet grow in place."""
    return re.sub(rb"\s{16,}(?=<\?xpacket end)", b"\n", xmp)


def _without(text: str, namespace: str, name: str) -> str:
    for prefix in xmp_prefixes(text, namespace):
        full = re.escape(f"{prefix}:{name}")
        text = re.sub(rf"\s{full}\s*=\s*(\"[^\"]*\"|'[^']*')", "", text)
        text = re.sub(rf"<{full}\b[^>]*/>", "", text)
        text = re.sub(rf"<{full}\b[^>]*>.*?</{full}\s*>", "", text, flags=re.DOTALL)
    return text


def xmp_prefixes(text: str, namespace: str) -> list[str]:
    """Return the prefixes that a packet's text has for a namespace."""
    pattern = rf"xmlns:([\w.-]+)\s*=\s*[\"']{re.escape(namespace)}[\"']"
    return list(dict.fromkeys(re.findall(pattern, text)))


def xmp_text(xmp: bytes) -> str:
    """Return a packet in UTF-8, UTF-16 or UTF-32 as text."""
    for mark, encoding in _BOMS:
        if xmp.startswith(mark):
            return xmp.decode(encoding, "replace")
    if xmp[:2] in (b"<\0", b"\0<"):
        return xmp.decode("utf-16-le" if xmp[0] else "utf-16-be", "replace")
    return xmp.rstrip(b"\0").decode("utf-8", "replace")
