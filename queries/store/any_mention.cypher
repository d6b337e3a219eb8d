// doc: One mention row of a source, if there is any.
// params: prefix str
// returns: claim_id str
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (m:Mention)
USING INDEX m:Mention(claim_id)
WHERE m.claim_id STARTS WITH $prefix
RETURN m.claim_id AS claim_id
LIMIT 1
