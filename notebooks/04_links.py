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
# # 4. How are these two linked, and on what evidence?
#
# For police intelligence and the coordinator before a meeting: two persons of interest, the routes between them, what stands behind each hop,
# what changes when weak or old claims are left out, and what changes for somebody who may see less.
#
# A route is a chain of separate claims. It is as weak as its weakest hop, and no proof that its two ends know each other. What you may not see
# does not exist in these answers; each question is in the audit trail before its answer is here. Nothing is fetched from outside.
#
# It works on whatever is loaded: `make demo` makes the invented city. Keep no outputs in the file: they hold people's data.

# %%
import pandas as pd

import maps
from graph_service.errors import NotFoundError
from graph_service.notebook import made_from, open_as

desk = open_as("intelligence")
ask = desk.ask

# %% [markdown]
# ## Who are the two?
#
# In the demonstration city, two children whom nobody has reported together. With other records: two who are found in one group. To ask about
# others, find them (`desk.service.find(desk.viewer, "…")`) and set `a` and `b`.

# %%
a, b = "ref:demo/child/0001", "ref:demo/child/0002"
try:
    ends = [desk.service.subject(desk.viewer, end) for end in (a, b)]
except NotFoundError:
    group = next((row["members"] for row in ask("peers.groups")["rows"] if len(row["members"]) > 1), None)
    if group is None:
        raise SystemExit("No two people are visible: bring records in, or start `make demo` first.") from None
    ends = [group[0], group[-1]]
    a, b = (end["uid"] for end in ends)
pd.DataFrame(ends)[["kind", "label"]]

# %% [markdown]
# ## The routes
#
# Different routes, never the same one by another report of it: claims side by side are one hop. Shortest first, then by the weakest grade,
# then the latest. Schools and stations join so many that they make no route unless asked.

# %%
links = ask("links.between", a=a, b=b)


def routes(answer: dict) -> pd.DataFrame:
    """Put an answer into a table, a route a line."""
    return pd.DataFrame(
        [(row["length"], row["weakest_grade"], row["sentence"]) for row in answer["rows"]],
        columns=["hops", "weakest", "in words"],
    )


routes(links)

# %% [markdown]
# ## On what evidence?
#
# Every hop of the first route can be followed to its reports. Copies of a report are one source.

# %%
behind: dict[str, list[dict]] = {}
for row in links["rows"]:
    for hop in row["hops"]:
        found = ask("reports.evidence", claims=",".join(hop["claims"]))["rows"]
        behind[",".join(hop["claims"])] = found
first = links["rows"][0]["hops"] if links["rows"] else []
pd.DataFrame(
    [
        {
            "from": hop["from"]["label"],
            "to": hop["to"]["label"],
            **{name: report[name] for name in ("agency", "grade", "handling", "recorded_at")},
        }
        for hop in first
        for report in behind[",".join(hop["claims"])]
    ]
)

# %% [markdown]
# ## What if weak claims are left out?
#
# The answer says what your own filters cost: how many routes there would be without them, and which claims on those they leave out. When
# nothing is left it says what was searched. That nothing is found does not mean that the two have nothing to do with each other.

# %%
strong = ask("links.between", a=a, b=b, weakest="B")
routes(strong)

# %%
shareable = ask("links.between", a=a, b=b, handling="P")
routes(shareable)

# %% [markdown]
# ## What does somebody else see?
#
# The coordinator and a satellite team hold fewer conditions. Their routes, counts and remarks are those of a graph in which the rest never was:
# a longer route may be all that there is for them. So agree in the meeting whose view is on the table before you compare.

# %%
seen = {"intelligence": links}
for who in ("coordinator", "satellite"):
    try:
        seen[who] = ask("links.between", who=who, a=a, b=b)
    except NotFoundError:
        print(f"{who}: not found")
pd.DataFrame(
    [
        {
            "asked by": who,
            "routes": len(answer["rows"]),
            "shortest, in hops": answer["rows"][0]["length"] if answer["rows"] else None,
            "its weakest grade": answer["rows"][0]["weakest_grade"] if answer["rows"] else None,
        }
        for who, answer in seen.items()
    ]
)

# %% [markdown]
# ## For the meeting
#
# One figure of every route found, with its reports and its marking. Print it or pass the file on as its marking allows; it holds all that it
# needs.

# %%
hops = {tuple(sorted((hop["from"]["uid"], hop["to"]["uid"]))): hop for row in links["rows"] for hop in row["hops"]}
drawn = [
    {
        "a": hop["from"],
        "b": hop["to"],
        "kinds": {
            hop["type"].lower(): {
                "events": len(hop["claims"]),
                "reports": len({report["report"] for report in behind[",".join(hop["claims"])]}),
                "weight": len(hop["claims"]),
            }
        },
    }
    for hop in hops.values()
]
nodes, lines = maps.network_of(drawn, focus=ends[0]["uid"])
nodes = [{**node, "focus": node["id"] in {end["uid"] for end in ends}} for node in nodes]
maps.peer_drawing(
    nodes,
    lines,
    title=f"How {ends[0]['label']} and {ends[1]['label']} are linked",
    period="all that is recorded",
    handling=links["handling"],
    note=" ".join(links["caveats"]),
    made_from=made_from(links),
)

# %%
desk.close()
