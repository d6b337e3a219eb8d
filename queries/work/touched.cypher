// doc: The subjects of which rows of work of these kinds were begun or ended since a number, the latest such row, and whether the latest known before is still there.
// params: kinds list[str], after int, row_id str, content_hash str
// returns: number int, about list[str], latest map, there bool
// mode: read
// source: reference model section 2; reference Neo4j section 3, the sequence
// version: 1
MATCH (c:Counter {name: 'claims'})
WITH c.n AS number
CALL () {
  MATCH (w:Work)-[:ABOUT]->(e:Entity)
  USING INDEX w:Work(chg_seq)
  WHERE w.chg_seq > $after AND w.kind IN $kinds
  WITH w, e ORDER BY w.chg_seq DESC
  RETURN collect(DISTINCT e.uid) AS about, collect({row_id: w.row_id, content_hash: w.content_hash})[0] AS latest
}
CALL () {
  MATCH (w:Work {row_id: $row_id}) USING INDEX w:Work(row_id) WHERE w.content_hash = $content_hash
  RETURN count(w) > 0 AS there
}
RETURN number, about, latest, there
