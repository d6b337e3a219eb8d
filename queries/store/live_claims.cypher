// doc: The live rows of one type of a source, by the beginning of their claim ids. CLAIM_TYPE stands for the type.
// params: prefix str, open_seq int
// returns: claim_id str, row_id str, seq int
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH ()-[r:CLAIM_TYPE]->()
USING INDEX r:CLAIM_TYPE(claim_id)
WHERE r.claim_id STARTS WITH $prefix AND r.end_seq = $open_seq
RETURN r.claim_id AS claim_id, r.row_id AS row_id, r.seq AS seq
