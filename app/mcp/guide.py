"""What an assistant must know before it tells anybody what it found here."""

from __future__ import annotations

CLAIMS = "It lists claims that articles report, not findings: say who says so, and quote."
"""The end of every tool's description."""

INSTRUCTIONS = (
    "Polemos holds what news articles report: who accuses whom of what, who denies it, and who retaliates or threatens "
    "to. Everything here is a claim, not a fact. Never say that somebody did something because it is here: say that "
    "its source is reported to say so, quote the words in `evidence.quote`, and name the article. An accusation that "
    "nobody denied is not thereby true; one that was denied is not thereby false. Where accounts differ, give both. "
    "Begin with `actors`, `places` or `incidents` to find names and ids. Lists are paged: `total` says how many there "
    "are, and `next` is the cursor of the page after this one. Read polemos://guide for what the fields mean."
)

GUIDE = """\
# How to read claims

Polemos reads news and keeps **claims**: one reported speech act or act of one type, by one source, against at most one
target, evidenced by one passage of one article.

| type | it is reported that the source |
| --- | --- |
| `accuses` | attributes a wrong, a harmful act or a breach to the target |
| `denies` | rejects responsibility, or that it happened, or that an accusation is true; `target` is whose accusation |
| `retaliates` | does, threatens (`modality`) or is called on to do something against the target in return |

## What you may say of a claim

* "*Source* accused *target* of …, *publisher* reported on *date*", with `evidence.quote` word for word.
* Not "*target* did …". Not "it is proven", "it is confirmed", "admitted", unless a tool's answer reports exactly that,
  and then by whom: `status` of an incident's `attribution` rests on reported words, too.
* No claim found means that no article here reports one. It does not mean that nobody said it.
* How much stands behind it: `counts.claims` are passages, `articles` and `publishers` where they stand, `lineages` the
  independent texts. A wire story that five papers print is one lineage. Weigh by lineages.

## Fields that are often misread

| field | meaning |
| --- | --- |
| `speaker`, `source` | whose words they are; on whose behalf. A spokeswoman speaks, her state is the source |
| `target`, `target_named` | rolled up to the state or organisation; as the text names it |
| `date`, `published`, `happened`, `said` | the text's; the article's; the incident's; `date`, else `published` |
| `confidence` | how sure the extractor is that the article makes this claim. Not how likely the claim is true |
| `modality`, `rung` | for retaliations: carried out, or only threatened or called for. A threat is not an act |
| `scope: narrower` | a denial by a part of the actor asked for: not that actor's own |
| `cue`, `lineage` | the words that gave it away; the article whose text it goes back to |
| null | not known. Do not fill it in |

## How to look something up

1. `actors`, `places`, `incidents` find names. A name that fits none or several is refused with suggestions.
2. `accusations`, `denials`, `retaliations` list claims. Give both `source` and `target` where you can.
3. `incident` tells per accused actor who affirms and who rejects, and what sort of dispute it is. It picks no winner.
4. `thread` follows a claim to what it answers and what answers it, each link with its basis: `explicit` where an
   article says so, `inferred` otherwise. Say which.
5. `receipt` and `article` let you and your reader check the quote.
6. `centralities` tells who stands where in all of it; that is standing in reports, and no measure of guilt or power.

What every field of every answer means is told at polemos://records.
"""

READ_CLAIMS = """\
Answer from the tools of Polemos alone. What they give are claims that news articles report, not facts.

1. Find the ids of the actors and incidents first.
2. Look at accusations, and always at denials of the same incident, too.
3. For each statement name who says it, on whose behalf, when, and in which article, with the quote and the claim's id.
4. Say how many independent texts (lineages) stand behind it, and the revision of the ledger.
5. Where accounts differ, give each side in its own words and pick no winner. Where nothing is found, say that no
   article here reports it.
"""
