// doc: End claim rows of one type: a correction or a withdrawal by the originator. CLAIM_TYPE stands for the type.
// params: rows list[map], after int, now datetime
// returns: n int
// mode: write
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 2
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
MATCH ()-[r:CLAIM_TYPE {row_id: row.row_id}]->()
USING INDEX r:CLAIM_TYPE(row_id)
SET r.live_to = CASE WHEN r.live_to < $now THEN r.live_to ELSE $now END, r.end_seq = row.seq, r.chg_seq = row.seq, r.packed = null
RETURN count(*) AS n
