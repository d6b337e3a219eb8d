// doc: The packed copies on claim rows of one type that were touched after a sequence number and born up to another, and between which numbers rows without one are. CLAIM_TYPE stands for the type.
// params: after int, until int, sequence int, step int, top int
// returns: packed list[bytes], low int, high int
// mode: read
// source: reference model section 2, feed; reference Neo4j section 4, the projection
// version: 1
// A row that has a copy was never touched since it was born, so `chg_seq`, which comes out of the index, says when that was. Its ends are in the
// copy: no subject is looked at.
UNWIND range($after, $until - 1, $step) AS x
WITH x, CASE WHEN x + $step >= $until THEN $top ELSE x + $step END AS y
CALL (x, y) {
  MATCH ()-[r:CLAIM_TYPE]->()
  USING INDEX r:CLAIM_TYPE(chg_seq)
  WHERE r.chg_seq > x AND r.chg_seq <= y
  WITH r.chg_seq AS changed, r.packed AS packed
  RETURN collect(CASE WHEN changed <= $sequence THEN packed END) AS packed,
         min(CASE WHEN packed IS NULL THEN changed END) AS low, max(CASE WHEN packed IS NULL THEN changed END) AS high
}
RETURN packed, low, high
