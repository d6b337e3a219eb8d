// doc: What visible reports say of one subject: names, dates of birth, positions, identifiers.
// params: members list[str], sights list[int], known_at datetime
// returns: claim_id str, report_id str, label str, subkind str, aliases list[str], date_of_birth str, attributes str, recorded_at datetime, grade list[str], with_subject bool
// mode: read
// source: reference model section 1, mentions
// version: 1
MATCH (e:Entity)<-[:OF]-(m:Mention)
WHERE e.uid IN $members AND m.sight IN $sights AND m.known_from <= $known_at AND m.live_to > $known_at
RETURN m.claim_id AS claim_id, m.report_id AS report_id, m.label AS label, m.subkind AS subkind, m.aliases AS aliases,
       m.date_of_birth AS date_of_birth, m.attributes AS attributes, m.recorded_at AS recorded_at,
       [m.source_eval, m.info_eval, m.scheme] AS grade, m.sight = 0 AS with_subject
ORDER BY recorded_at DESC, claim_id
