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
# # 1. From a question to a peer map to a context map
#
# For an analyst before a meeting: which groups of people do reports place together, who is round one of them, and what happens at the place
# that matters most to them.
#
# The notebook asks the same named questions as the pages and the command line, as one person with one purpose; each is in the audit trail
# before its answer is here. What you may not see does not exist in these answers. Nothing is fetched from outside.
#
# It works on whatever is loaded: `make demo` makes the invented city. The cells run from top to bottom. Keep no outputs in the file: they hold
# people's data. If a picture is blank in a notebook that somebody sent you, run it yourself or trust it first.

# %%
import pandas as pd

import maps
from graph_service.notebook import made_from, open_as

desk = open_as("analyst")
ask = desk.ask

# %% [markdown]
# ## Which groups are there?
#
# A group is a finding of a calculation, never a membership: nobody is recorded as part of it. `stability` is the share of the densities looked at
# at which these people stand together: near 1 the edge of the group is sharp, below 0.5 it is not. `by chance` is how many groups so close
# chance alone would give among people who are reported so often; `caveat` says what to bear in mind of each.

# %%
groups = ask("peers.groups")["rows"]
pd.DataFrame(
    {
        "group": [row["group"] for row in groups],
        "people": [len(row["members"]) for row in groups],
        "stability": [row["stability"] for row in groups],
        "by chance": [row["by_chance"] for row in groups],
        "caveat": [row["caveat"] for row in groups],
        "members": [", ".join(member["label"] for member in row["members"][:6]) for row in groups],
    }
).head(10)

# %% [markdown]
# ## Who is round one of them?
#
# Here the first of the most stable group of three or more. To ask about somebody else, find them (`desk.service.find(desk.viewer, "…")`) and set
# `person`. What more than six people share (a school, a busy place) makes no link here: it would link everyone with everyone.

# %%
stable = max(
    (row for row in groups if len(row["members"]) >= 3), key=lambda row: (row["stability"], -row["group"]), default=None
)
if stable is None:
    raise SystemExit("No group of three or more is visible: bring records in, or start `make demo` first.")
person = stable["members"][0]
network = ask("peers.network", subject=person["uid"], crowd="6")

# %%
nodes, links = maps.network_of(network["rows"], focus=person["uid"])
maps.peer_drawing(
    nodes,
    links,
    title=f"People round {person['label']}",
    period="all that is recorded",
    handling=network["handling"],
    note=" ".join([*network["caveats"][:2], "What more than six people share makes no link here."]),
    made_from=made_from(network),
)

# %% [markdown]
# ## On what evidence?
#
# Every link can be followed to the reports that it came from.

# %%
claims = network["rows"][0]["evidence"][:5]
evidence = ask("reports.evidence", claims=",".join(claims))["rows"]
pd.DataFrame(evidence)[["agency", "grade", "handling", "happened_from", "recorded_at"]]

# %% [markdown]
# ## Where are missing children found, and what happens there?
#
# The ranked places, and the squares of the city by count. Homes are never listed.

# %%
hotspots = ask("places.hotspots", layer="found_at")["rows"]
pd.DataFrame(
    {
        "place": [row["place"]["label"] for row in hotspots],
        "events": [row["events"] for row in hotspots],
        "independent reports": [row["reports"] for row in hotspots],
    }
).head(10)

# %%
desk.draw("places.hotspots", layer="found_at")

# %% [markdown]
# ## The context map of the first of them

# %%
if not hotspots:
    raise SystemExit("Nobody was found at a public place: bring records in, or start `make demo` first.")
place = hotspots[0]["place"]
desk.draw("contexts.map", subject=place["uid"])

# %%
present = ask("contexts.people_present", subject=place["uid"])["rows"]
pd.DataFrame(
    {
        "person": [row["person"]["label"] for row in present],
        "events": [row["events"] for row in present],
        "independent reports": [row["reports"] for row in present],
    }
).head(10)

# %%
desk.close()
