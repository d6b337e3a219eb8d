// doc: Whether a claim row of one type is there, touched no earlier than it was known to be. CLAIM_TYPE stands for the type.
// params: seq int, chg_seq int
// returns: n int
// mode: read
// source: reference Neo4j section 4, the projection
// version: 1
MATCH ()-[r:CLAIM_TYPE]->()
USING INDEX r:CLAIM_TYPE(chg_seq)
WHERE r.chg_seq >= $chg_seq AND r.seq = $seq
RETURN count(r) AS n
