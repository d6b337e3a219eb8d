// doc: The claim rows of one type of every version of these reports. CLAIM_TYPE stands for the type.
// params: keys list[str]
// returns: row_id str, key str, sight int
// mode: read
// source: reference model section 3, rights are always today's
// version: 1
MATCH (v:Report) WHERE v.key IN $keys
WITH collect(v.rid) AS rids
MATCH ()-[r:CLAIM_TYPE]->() WHERE r.rid IN rids
MATCH (v:Report {rid: r.rid})
RETURN r.row_id AS row_id, v.key AS key, r.sight AS sight
