# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5. Evidence for a Context Assessment
#
# For a satellite team that begins an assessment, and for the panel that reviews it: where do separate reports meet, who is present there and
# who keeps them safe, at which hours does something happen, and is it different from the twelve weeks before?
#
# The graph attaches evidence and nothing more: what must change first, and whether it is safer, is the team's judgement. The notebook works on
# whatever is loaded, as a member of a satellite team; it reads and changes nothing.

# %%
import datetime as dt

import pandas as pd

from graph_service.notebook import open_as
from queries.analysis.before_after import in_words, poisson_interval, rate_ratio

desk = open_as("satellite")
ask, contexts_of = desk.ask, desk.service.contexts

# %% [markdown]
# ## Contexts of this team
#
# Contexts are cases of their own. A team member sees those in whose team they sit, until they close.

# %%
contexts = contexts_of.list(desk.viewer)
pd.DataFrame(
    [
        {
            "context": row["label"],
            "state": row["state"],
            "review due": row["review_due"],
            "new notices": row["new_notices"],
        }
        for row in contexts
    ]
)

# %% [markdown]
# ## Where do separate reports meet?
#
# Independent reports about different children that name one place, group, vehicle, adult or account within twelve weeks, what is new first.
# `expected` is what is usual there; nothing joins a list by itself.

# %%
converging = ask("contexts.converging")["rows"]
pd.DataFrame(
    [
        {
            "where": row["subject"]["label"],
            "reports": row["reports"],
            "expected": row["expected"],
            "sentence": row["sentence"],
        }
        for row in converging
    ]
).head(10)

# %% [markdown]
# ## The place to look at
#
# The first context of the team that has a place; else the first place where reports meet; else the one where most children were found.
# To look at another, set `place` to a subject.

# %%
places = [subject for row in contexts for subject in contexts_of.get(desk.viewer, row["uid"])["definition"]["places"]]
places += [row["subject"] for row in converging if row["subject"]["kind"] == "location"]
places += [row["place"] for row in ask("places.hotspots", layer="found_at")["rows"]]
if not places:
    raise SystemExit("No public place is visible: bring records in, or start `make demo` first.")
place = places[0]
place["label"]

# %% [markdown]
# ## Who is recorded there?

# %%
present = ask("contexts.people_present", subject=place["uid"])["rows"]
pd.DataFrame(
    {
        "person": [row["person"]["label"] for row in present],
        "kind": [row["person"]["kind"] for row in present],
        "events": [row["events"] for row in present],
        "independent reports": [row["reports"] for row in present],
    }
).head(15)

# %% [markdown]
# ## Strengths and safe people
#
# Of each child who is present most: ties that reports call a strength. They are recorded as equals of risks, and an assessment begins with them.

# %%
children = [row["person"] for row in present if row["person"]["kind"] == "child"][:5]
strengths = []
for child in children:
    for link in ask("peers.network", subject=child["uid"])["rows"]:
        if any(kind.endswith("_strength") for kind in link["kinds"]):
            other = link["b"] if link["a"]["uid"] == child["uid"] else link["a"]
            strengths.append({"child": child["label"], "safe person": other["label"], "claims": len(link["evidence"])})
pd.DataFrame(strengths, columns=["child", "safe person", "claims"])

# %% [markdown]
# ## Is it different from the twelve weeks before?
#
# Two windows of equal length. The interval is exact for counts that fall one by one; where one child is found again and again it is too
# narrow. Fewer reports may also mean that fewer people reported.

# %%
now = dt.datetime.now(dt.UTC)
windows = [(now - dt.timedelta(weeks=24), now - dt.timedelta(weeks=12)), (now - dt.timedelta(weeks=12), now)]
counts = []
for start, end in windows:
    rows = ask("contexts.people_present", subject=place["uid"], start=start.isoformat(), end=end.isoformat())["rows"]
    counts.append(len(rows))
ratio = rate_ratio(*counts, 12, 12)
print(in_words(*counts, 12, 12, "people present", "fewer"))
pd.DataFrame(
    [
        {"weeks": name, "people present": count, "low": poisson_interval(count)[0], "high": poisson_interval(count)[1]}
        for name, count in zip(("12 to 24 weeks ago", "last 12 weeks"), counts, strict=True)
    ]
)

# %% [markdown]
# ## The figure for the meeting
#
# The place, what happens there by part of the day, and the safe places near it. It stands by itself: no page or tile is fetched from outside.

# %%
desk.draw("contexts.map", subject=place["uid"])

# %%
desk.close()
