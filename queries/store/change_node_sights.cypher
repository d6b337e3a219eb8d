// doc: Give mentions, report versions or their parts another sight. LABEL stands for which.
// params: rows list[map], after int
// returns: n int
// mode: write
// source: reference model section 3, rights are always today's
// version: 2
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
MATCH (m:LABEL {row_id: row.row_id})
USING INDEX m:LABEL(row_id)
SET m.declared_sight = coalesce(m.declared_sight, m.sight), m.sight = row.sight, m.chg_seq = coalesce(row.seq, m.chg_seq),
    m.packed = null
RETURN count(*) AS n
