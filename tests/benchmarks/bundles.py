"""Bundles of any size for measuring: invented, seeded, with places that many share."""

import csv
import json
import random
from pathlib import Path

KINDS = ["child", "child", "adult", "location", "incident", "vehicle", "account", "group"]
ENDS = {
    ("person", "incident"): ("INVOLVED_IN", ["missing", "present", "witness"]),
    ("incident", "location"): ("AT", ["occurred", "found_at", "last_seen"]),
    ("person", "person"): ("KNOWS", ["concern", "strength", "neutral"]),
    ("person", "location"): ("FREQUENTS", [""]),
    ("person", "vehicle"): ("USES", [""]),
    ("person", "account"): ("USES", [""]),
    ("person", "group"): ("MEMBER_OF", [""]),
}


def write_bundle(folder: Path, *, subjects: int, claims: int, seed: int = 1) -> Path:
    """Write a bundle of this size; a report to twenty claims."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bundle.json").write_text(
        json.dumps({"name": f"bench{seed}", "title": "Benchmark", "source": "invented", "licence": "CC0"})
    )
    kinds = [KINDS[i % len(KINDS)] for i in range(subjects)]
    by_group: dict[str, list[int]] = {}
    for number, kind in enumerate(kinds):
        by_group.setdefault("person" if kind in {"child", "adult"} else kind, []).append(number)
    with (folder / "subjects.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ["ref", "kind", "subkind", "label", "date_of_birth", "latitude", "longitude", "attributes", "report_ref"]
        )
        for number, kind in enumerate(kinds):
            at = (
                [f"{50.75 + rng.random() / 10:.6f}", f"{-1.1 + rng.random() / 10:.6f}"]
                if kind == "location"
                else ["", ""]
            )
            out.writerow(
                [
                    f"s{number}",
                    kind,
                    "missing_episode" if kind == "incident" else "",
                    f"Invented {kind} {number}",
                    "",
                    *at,
                    "",
                    "",
                ]
            )
    reports = max(1, claims // 20)
    with (folder / "reports.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "report_ref",
                "kind",
                "agency",
                "submitted_at",
                "source_eval",
                "info_eval",
                "scheme",
                "handling",
                "conditions",
                "copied_from",
                "text",
            ]
        )
        for number in range(reports):
            handling = rng.choice(["P", "P", "P", "C", ""])
            condition = "originator" if handling == "C" and rng.random() < 0.3 else ""
            day = f"2026-{1 + number % 9:02d}-{1 + number % 28:02d}T{number % 24:02d}:00:00Z"
            grade = [rng.choice("123"), rng.choice("ABCD"), "3x5x2"]
            out.writerow(
                [
                    f"r{number}",
                    "cpi",
                    rng.choice(["police", "social_care", "youth"]),
                    day,
                    *grade,
                    handling,
                    condition,
                    "",
                    f"Invented report {number}.",
                ]
            )
    with (folder / "claims.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "claim_ref",
                "report_ref",
                "from_ref",
                "to_ref",
                "type",
                "role",
                "happened_from",
                "happened_to",
                "recorded_at",
                "withdrawn_at",
                "attributes",
            ]
        )
        pairs = sorted(ENDS)
        for number in range(claims):
            one, other = rng.choice(pairs)
            a = rng.choice(by_group[one])
            # A tenth of the claims fall on the first twenty of their kind: places and events that many share.
            b = rng.choice(by_group[other][:20] if rng.random() < 0.1 else by_group[other])
            kind, roles = ENDS[one, other]
            day = f"2026-{1 + number % 9:02d}-{1 + number % 28:02d}T{number % 24:02d}:30:00Z"
            if a != b:
                out.writerow(
                    [
                        f"c{number}",
                        f"r{number % reports}",
                        f"s{a}",
                        f"s{b}",
                        kind,
                        rng.choice(roles),
                        day,
                        "",
                        "",
                        "",
                        "",
                    ]
                )
    return folder
