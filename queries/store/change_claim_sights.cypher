// doc: Give claim rows of one type another sight. CLAIM_TYPE stands for the type.
// params: rows list[map], after int
// returns: n int
// mode: write
// source: reference model section 3, rights are always today's
// version: 2
MATCH (c:Counter {name: 'claims'}) WHERE c.n = $after
UNWIND $rows AS row
MATCH ()-[r:CLAIM_TYPE {row_id: row.row_id}]->()
USING INDEX r:CLAIM_TYPE(row_id)
SET r.declared_sight = coalesce(r.declared_sight, r.sight), r.sight = row.sight, r.chg_seq = row.seq, r.packed = null
RETURN count(*) AS n
