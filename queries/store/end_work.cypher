// doc: End rows of work: a later version takes their place, or the thing itself ends.
// params: rows list[map], after int
// returns: n int
// mode: write
// source: reference model sections 1 and 2, work; reference Neo4j section 3, the sequence
// version: 1
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
MATCH (w:Work {row_id: row.row_id})
USING INDEX w:Work(row_id)
SET w.live_to = CASE WHEN w.live_to < row.at THEN w.live_to ELSE row.at END, w.end_seq = row.seq, w.chg_seq = row.seq
RETURN count(*) AS n
