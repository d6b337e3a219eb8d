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
# # 2. Who goes missing together, more than chance would?
#
# For an analyst before the weekly meeting: which children were missing at the same time more often than their own patterns would give by
# chance, what these nights have in common, and where.
#
# Being missing at the same time is a reason to ask, not proof that the children were together. No figure here is a score of a child.
#
# It works on whatever is loaded: `make demo` makes the invented city. The cells run from top to bottom. Keep no outputs in the file: they hold
# people's data.

# %%
import pandas as pd

import maps
from graph_service.notebook import made_from, open_as, q_in_words

desk = open_as("analyst")
ask = desk.ask

# %% [markdown]
# ## How much of it is chance?
#
# Children who are often missing on Friday nights meet other such children by chance. `expected` moves one child's whole schedule by every
# number of weeks up to half a year and counts how often the two then meet: it keeps the hours of the week and the bursts. Most pairs that were
# ever missing at the same time were so about as often as that. `q_value` is the share of false findings to expect in the list up to there.

# %%
together = ask("episodes.co_missing")
rows = together["rows"]
findings = [row for row in rows if row["q_value"] is not None and row["q_value"] < 0.05]
print(f"{len(rows)} pairs were missing at the same time; {len(findings)} of them more often than chance")


def table(some: list[dict]) -> pd.DataFrame:
    """Show pairs with what chance gives beside what was seen."""
    return pd.DataFrame(
        {
            "children": [f"{row['a']['label']} and {row['b']['label']}" for row in some],
            "at the same time": [row["observed"] for row in some],
            "by chance": [row["expected"] for row in some],
            "q": [q_in_words(row["q_value"]) for row in some],
        }
    )


table(findings or rows[:10])

# %% [markdown]
# ## What do these nights have in common?
#
# How often, when in the week, where, and what the children said of why in conversations about these episodes (push: what they left; pull: what
# drew them). Each figure carries its episodes: `episodes` in a row's patterns are the ids by which they open.

# %%
pd.DataFrame(
    [
        {
            "children": f"{row['a']['label']} and {row['b']['label']}",
            "what their absences have in common": "; ".join(pattern["text"] for pattern in row["patterns"]),
        }
        for row in (findings or rows[:3])
    ]
)

# %% [markdown]
# ## What did the children say of why?
#
# Of each pair, the factor that most conversations name, and in how many of how many. A conversation that was not held, or that is not matched to
# its episode, says nothing here: a pair without a line may only mean that nobody asked.

# %%
pd.DataFrame(
    [
        {
            "children": f"{row['a']['label']} and {row['b']['label']}",
            "said": f"{factor['label']} ({factor['direction']})",
            "conversations": f"{factor['conversations']} of {row['conversations']}",
            "reports to open": len(factor["reports"]),
        }
        for row in (findings or rows[:3])
        for factor in row["factors"][:1]
    ],
    columns=["children", "said", "conversations", "reports to open"],
)

# %% [markdown]
# ## With place: does it hold?
#
# The same question, of episodes whose places (found at, else last seen, else missing from) are within 500 metres. There are fewer meetings, and
# far fewer by chance: who is on both lists deserves the first look.

# %%
near = ask("episodes.co_missing", within_metres="500")["rows"]
known = {(row["a"]["uid"], row["b"]["uid"]) for row in findings}
both = [row for row in near if (row["a"]["uid"], row["b"]["uid"]) in known and (row["q_value"] or 1) < 0.05]
print(f"{len(both)} pairs are found in time alone and with place")
table(both)

# %% [markdown]
# ## Nearly together
#
# Absences of which one begins within three hours after the other ends are kept apart and counted in nothing: one child may have gone to meet
# another who was just found.

# %%
hours = [row for row in ask("episodes.co_missing", within_hours="3")["rows"] if row["near_misses"]]
hours.sort(key=lambda row: -len(row["near_misses"]))
pd.DataFrame(
    [
        {
            "children": f"{row['a']['label']} and {row['b']['label']}",
            "near misses": len(row["near_misses"]),
            "at the same time": row["observed"],
            "shortest gap, minutes": min(miss["gap_minutes"] for miss in row["near_misses"]),
        }
        for row in hours[:10]
    ]
)

# %% [markdown]
# ## Where?
#
# Places that both absences of a meeting have in common. Homes are never drawn.

# %%
desk.draw("episodes.co_missing")

# %% [markdown]
# ## For the meeting
#
# The pairs more often together than chance (or, where there is none, the first few), on one time axis, with what chance would give.

# %%
maps.absence_bars(
    findings or rows[:3],
    title="Missing together, more often than chance" if findings else "Missing together",
    period="all that is recorded",
    handling=together["handling"],
    note="A reason to ask, not proof that the children were together.",
    made_from=made_from(together),
)

# %%
desk.close()
