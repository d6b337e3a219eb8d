// doc: Rows of work about these subjects, as far as they are open and were known.
// params: about list[str], kinds list[str], sights list[int], known_at datetime, history bool
// returns: about str, row map
// mode: read
// source: reference model sections 1 to 3, work
// version: 1
UNWIND $about AS uid
MATCH (e:Entity {uid: uid}) USING INDEX e:Entity(uid)
MATCH (e)<-[:ABOUT]-(w:Work)
WHERE (size($kinds) = 0 OR w.kind IN $kinds) AND w.sight IN $sights AND w.known_from <= $known_at AND ($history OR w.live_to > $known_at)
RETURN e.uid AS about, properties(w) AS row
ORDER BY row.known_from, row.claim_id, row.version
