// doc: Every version of these reports.
// params: keys list[str]
// returns: row_id str, key str, sight int
// mode: read
// source: reference model section 3, rights are always today's
// version: 1
MATCH (v:Report) WHERE v.key IN $keys
RETURN v.row_id AS row_id, v.key AS key, v.sight AS sight
