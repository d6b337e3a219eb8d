// doc: One live or ended row of one type of a source, if there is any. CLAIM_TYPE stands for the type.
// params: prefix str
// returns: claim_id str
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH ()-[r:CLAIM_TYPE]->()
USING INDEX r:CLAIM_TYPE(claim_id)
WHERE r.claim_id STARTS WITH $prefix
RETURN r.claim_id AS claim_id
LIMIT 1
