// doc: Mentions whose text is like what was typed, as candidates for a search; the order shown is the service's own.
// params: text str, sights list[int], known_at datetime, skip int, limit int
// returns: uid str, label str, aliases list[str], identifiers str, with_subject bool, visible bool
// mode: read
// source: reference model section 1, full text over mentions
// version: 1
CALL db.index.fulltext.queryNodes('mention_text', $text, {skip: $skip, limit: $limit}) YIELD node AS m
MATCH (m)-[:OF]->(e:Entity)
RETURN e.uid AS uid, m.label AS label, m.aliases AS aliases, m.identifiers AS identifiers, m.sight = 0 AS with_subject,
       m.sight IN $sights AND m.known_from <= $known_at AND m.live_to > $known_at AS visible
