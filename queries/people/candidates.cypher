// doc: Mentions whose text is like what was typed, as candidates for a search; the order shown is the service's own.
// params: text str, sights list[int], known_at datetime, limit int
// returns: uid str, label str, aliases list[str], identifiers str, with_subject bool
// mode: read
// source: reference model section 1, full text over mentions
// version: 2
CALL db.index.fulltext.queryNodes('mention_text', $text) YIELD node AS m, score
WHERE m.sight IN $sights AND m.known_from <= $known_at AND m.live_to > $known_at
// Cut off only after the hidden ones are gone: they must take nobody's place.
WITH m ORDER BY score DESC, m.claim_id LIMIT $limit
MATCH (m)-[:OF]->(e:Entity)
RETURN e.uid AS uid, m.label AS label, m.aliases AS aliases, m.identifiers AS identifiers, m.sight = 0 AS with_subject
