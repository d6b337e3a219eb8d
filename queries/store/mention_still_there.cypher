// doc: Whether a mention row is there, touched no earlier than it was known to be.
// params: seq int, chg_seq int
// returns: n int
// mode: read
// source: reference Neo4j section 4, the projection
// version: 1
MATCH (m:Mention)
USING INDEX m:Mention(chg_seq)
WHERE m.chg_seq >= $chg_seq AND m.seq = $seq
RETURN count(m) AS n
