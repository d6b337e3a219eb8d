// doc: End mention rows.
// params: rows list[map], after int, now datetime
// returns: n int
// mode: write
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 2
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
MATCH (m:Mention {row_id: row.row_id})
USING INDEX m:Mention(row_id)
SET m.live_to = CASE WHEN m.live_to < $now THEN m.live_to ELSE $now END, m.end_seq = row.seq, m.chg_seq = row.seq, m.packed = null
RETURN count(*) AS n
