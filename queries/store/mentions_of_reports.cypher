// doc: The mention rows of every version of these reports.
// params: keys list[str]
// returns: row_id str, key str, sight int
// mode: read
// source: reference model section 3, rights are always today's
// version: 1
MATCH (v:Report) WHERE v.key IN $keys
WITH collect(v.rid) AS rids
MATCH (m:Mention) WHERE m.rid IN rids
MATCH (v:Report {rid: m.rid})
RETURN m.row_id AS row_id, v.key AS key, m.sight AS sight
