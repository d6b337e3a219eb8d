// doc: The sights of every row of these things: what must be held today, and the formula of what had to be when they were begun.
// params: things list[str]
// returns: row_id str, thing str, sight int, declared str
// mode: read
// source: reference model section 3, rights are always today's
// version: 1
UNWIND $things AS thing
MATCH (w:Work {claim_id: thing})
USING INDEX w:Work(claim_id)
MATCH (s:Sight {sid: w.declared_sight})
RETURN w.row_id AS row_id, thing, w.sight AS sight, s.text AS declared
ORDER BY row_id
