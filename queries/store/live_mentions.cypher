// doc: The live mention rows of a source, by the beginning of their claim ids.
// params: prefix str, open_seq int
// returns: claim_id str, row_id str, seq int
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (m:Mention)
USING INDEX m:Mention(claim_id)
WHERE m.claim_id STARTS WITH $prefix AND m.end_seq = $open_seq
RETURN m.claim_id AS claim_id, m.row_id AS row_id, m.seq AS seq
