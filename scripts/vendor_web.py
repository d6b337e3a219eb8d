"""
Fetch and build what the pages load from `/static/vendor`, for a maintainer with npm; users and CI never run it.

    python scripts/vendor_web.py [FOLDER]     FOLDER: where npm may work (default: a temporary one)

Every file lands in `graph_service/web/static/vendor` with its licence, and `manifest.json` says what it is and its hash, which
`tests/web/test_vendored.py` compares. Nothing that could call outside is let through: the script stops on a `//host` in a style sheet.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

VENDOR: Final = Path(__file__).parent.parent / "graph_service" / "web" / "static" / "vendor"
PINNED: Final = {"govuk-frontend": "6.6.0", "sass": "1.108.2", "htmx.org": "2.0.11", "cytoscape": "3.34.4"}

# Not on GOV.UK: no GDS Transport, no crown, no header or crest of theirs (their guidance on use outside gov.uk domains).
PARTS: Final = (
    "breadcrumbs",
    "button",
    "checkboxes",
    "date-input",
    "details",
    "error-message",
    "error-summary",
    "fieldset",
    "file-upload",
    "generic-header",
    "hint",
    "input",
    "inset-text",
    "label",
    "notification-banner",
    "pagination",
    "password-input",
    "phase-banner",
    "radios",
    "select",
    "service-navigation",
    "skip-link",
    "summary-list",
    "table",
    "tag",
    "textarea",
    "warning-text",
)
STYLE: Final = (
    """
@use "node_modules/govuk-frontend/dist/govuk/settings" with (
  $govuk-font-family: (system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", arial, sans-serif),
  $govuk-include-default-font-face: false,
  $govuk-global-styles: true,
  $govuk-page-width: 1220px
);
@use "node_modules/govuk-frontend/dist/govuk/base";
@use "node_modules/govuk-frontend/dist/govuk/core";
@use "node_modules/govuk-frontend/dist/govuk/objects";
"""
    + "\n".join(f'@use "node_modules/govuk-frontend/dist/govuk/components/{part}";' for part in PARTS)
    + """
@use "node_modules/govuk-frontend/dist/govuk/utilities";
@use "node_modules/govuk-frontend/dist/govuk/overrides";
"""
)

# what the pages load -> (package, file in it, its licence there)
FILES: Final = {
    "govuk-frontend.min.js": ("govuk-frontend", "dist/govuk/govuk-frontend.min.js"),
    "htmx.min.js": ("htmx.org", "dist/htmx.min.js"),
    "cytoscape.min.js": ("cytoscape", "dist/cytoscape.min.js"),
}
LICENCES: Final = {"govuk-frontend": "MIT", "htmx.org": "0BSD", "cytoscape": "MIT"}
GOVUK_LICENCE: Final = Path(__file__).with_name("govuk-frontend.LICENCE.txt")


def main(folder: Path) -> None:
    """Build every vendored file and its manifest."""
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": PINNED}), encoding="utf-8")
    subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
    (folder / "style.scss").write_text(STYLE, encoding="utf-8")
    subprocess.run(
        ["node_modules/.bin/sass", "--style=compressed", "--no-source-map", "style.scss", "govuk-frontend.min.css"],
        cwd=folder,
        check=True,
    )
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    style = (folder / "govuk-frontend.min.css").read_text(encoding="utf-8")
    if re.search(r"url\(\s*['\"]?(?:https?:)?//|GDS Transport|url\([^)]*(?:fonts|crest|crown)", style):
        raise SystemExit("the style sheet would fetch a font, a crown or something from outside: leave that part out")
    (VENDOR / "govuk-frontend.min.css").write_text(style, encoding="utf-8")
    for name, (package, source) in FILES.items():
        text = (folder / "node_modules" / package / source).read_text(encoding="utf-8")
        # A source map is not served, so the line that asks for it would be a failed request.
        (VENDOR / name).write_text(re.sub(r"\n//# sourceMappingURL=.*\s*$", "\n", text), encoding="utf-8")
    for package in LICENCES:
        found = next((folder / "node_modules" / package).glob("LICEN*"), GOVUK_LICENCE)
        shutil.copy(found, VENDOR / f"{package}.LICENCE.txt")
    _write_manifest()


def _write_manifest() -> None:
    sources = {name: package for name, (package, _) in FILES.items()} | {"govuk-frontend.min.css": "govuk-frontend"}
    manifest = {
        name: {
            "package": package,
            "version": PINNED[package],
            "licence": LICENCES[package],
            "sha256": hashlib.sha256((VENDOR / name).read_bytes()).hexdigest(),
        }
        for name, package in sorted(sources.items())
    }
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made))
