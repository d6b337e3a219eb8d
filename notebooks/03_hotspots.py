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
# # 3. Where, when, and is it changing?
#
# For an analyst before a meeting: at which places are missing children found, at which hours, what has changed, and how far can each be told from
# chance? It ends in one map that the meeting could use.
#
# The notebook asks the same named questions as the pages and the command line; each is in the audit trail before its answer is here. Nothing is
# fetched from outside. Homes and placements are in no answer and on no map. It works on whatever is loaded: `make demo` makes the invented city.

# %%
import pandas as pd

import maps
from graph_service.notebook import open_as, q_in_words

desk = open_as("analyst")
LAYER = "found_at"


def ask(name: str, **parameters: str) -> list[dict]:
    """Ask a named question of the layer."""
    return desk.ask(name, layer=LAYER, **parameters)["rows"]


def draw(**parameters: str) -> maps.DrawnPage:
    """Draw a map of the layer: one document that fetches nothing."""
    return desk.draw("places.hotspots", layer=LAYER, **parameters)


# %% [markdown]
# ## Where? First, simply in order
#
# Events, distinct children, independent reports and agencies. One child who is often found at one place makes many events: beside them stands each
# child counted once.

# %%
ranked = ask("places.hotspots")
once = {row["place"]["uid"]: rank for rank, row in enumerate(ask("places.hotspots", count="children"), start=1)}
pd.DataFrame(
    {
        "place": [row["place"]["label"] for row in ranked],
        "events": [row["events"] for row in ranked],
        "children": [row["children"] for row in ranked],
        "independent reports": [row["reports"] for row in ranked],
        "rank by children": [once.get(row["place"]["uid"]) for row in ranked],
    }
).head(10)

# %%
draw(method="density")

# %% [markdown]
# ## More than chance?
#
# A busy place is not yet a finding. Gi* asks of each square of 500 m whether there is more in it and round it than the places there explain, and
# says at which rate such findings are false (`q`).

# %%
squares = ask("places.hotspots", method="gi")
pd.DataFrame(
    {
        "square": [row["cell"] for row in squares],
        "events": [row["events"] for row in squares],
        "children": [row["children"] for row in squares],
        "q": [q_in_words(row["q_value"]) for row in squares],
    }
).head(8)

# %% [markdown]
# ## When?
#
# By hour of the week, on London's clock. What is known only to a day or a month is in no hour.

# %%
hours = pd.DataFrame(ask("places.hours"))
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
if not hours.empty:
    week = hours.pivot_table(index="weekday", columns="from_hour", values="events", aggfunc="sum", fill_value=0)
    print(week.reindex([day for day in WEEK if day in week.index]).to_string())

# %% [markdown]
# ## Is it changing?
#
# The last 13 weeks beside the 13 before, each change with its exact interval. An interval that holds 1 says that chance alone could make such a
# difference.

# %%
changes = ask("places.compared")
print(changes[0]["sentence"])
pd.DataFrame(
    [
        {
            "place": row["place"]["label"],
            "before": row["before"],
            "now": row["after"],
            "times the rate": "new" if row["ratio"] is None else round(row["ratio"], 1),
            "from": None if row["low"] is None else round(row["low"], 1),
            "to": None if row["high"] is None else round(row["high"], 1),
            "q": q_in_words(row["q_value"]),
        }
        for row in changes[1:11]
    ]
)

# %%
draw(method="emerging")

# %% [markdown]
# ## The figure for the meeting
#
# The scan looks for places and weeks with more than the totals of both explain, among all circles and all runs of weeks at once, and lists those
# that fewer than 1 in 20 maps of chance would have anywhere. Each ring says its weeks, and how many events were expected; its table has the same,
# and every number leads to its reports.

# %%
bursts = ask("places.hotspots", method="scan")
for burst in bursts:
    print(
        f"{burst['place']['label']}, {burst['first'][:10]} to {burst['last'][:10]}: {burst['observed']} found there, "
        f"where {burst['expected']:.0f} were expected; {burst['children']} children, {burst['reports']} independent reports."
    )
draw(method="scan")

# %% [markdown]
# What the meeting may ask of each: who could keep this place safe at those hours? A burst is a reason to look at a place, not at a child.

# %%
desk.close()
