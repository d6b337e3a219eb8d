// doc: The attributes that live mentions give of vehicles and accounts, for the rule on exact identifiers.
// params: kinds list[str]
// returns: uid str, key str, labels list[str], attributes str, sight str
// mode: read
// source: reference model section 4
// version: 1
MATCH (k:RecordKey)-[:IDENTIFIES]->(e:Entity)<-[:OF]-(m:Mention)
WHERE (e:Vehicle OR e:Account) AND any(label IN labels(e) WHERE label IN $kinds) AND m.attributes <> '' AND m.live_to > datetime()
MATCH (s:Sight {sid: m.sight})
RETURN e.uid AS uid, k.key AS key, labels(e) AS labels, m.attributes AS attributes, s.text AS sight
ORDER BY key
