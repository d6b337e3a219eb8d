// doc: The sight numbers that rows use.
// params: sequence int
// returns: sight int
// mode: read
// source: reference model section 3
// version: 1
CALL () {
  MATCH (:Entity)-[r]->(:Entity) WHERE r.seq <= $sequence RETURN DISTINCT r.sight AS sight
  UNION
  MATCH (m:Mention) WHERE m.seq <= $sequence RETURN DISTINCT m.sight AS sight
  UNION
  MATCH (w:Work) WHERE w.seq <= $sequence RETURN DISTINCT w.sight AS sight
  UNION
  MATCH (p:ReportPart) RETURN DISTINCT p.sight AS sight
}
RETURN DISTINCT sight
