// doc: The packed copies on mention rows that were touched after a sequence number and born up to another, and between which numbers rows without one are.
// params: after int, until int, sequence int, step int, top int
// returns: packed list[bytes], low int, high int
// mode: read
// source: reference model section 2, feed; reference Neo4j section 4, the projection
// version: 1
UNWIND range($after, $until - 1, $step) AS x
WITH x, CASE WHEN x + $step >= $until THEN $top ELSE x + $step END AS y
CALL (x, y) {
  MATCH (m:Mention)
  USING INDEX m:Mention(chg_seq)
  WHERE m.chg_seq > x AND m.chg_seq <= y
  WITH m.chg_seq AS changed, m.packed AS packed
  RETURN collect(CASE WHEN changed <= $sequence THEN packed END) AS packed,
         min(CASE WHEN packed IS NULL THEN changed END) AS low, max(CASE WHEN packed IS NULL THEN changed END) AS high
}
RETURN packed, low, high
