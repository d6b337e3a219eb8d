// doc: People recorded at a place, in a group or affected by a context in a period: by incidents there, sightings, and what reports say they frequent, use or are part of.
// params: members list[str], from datetime, to datetime, sights list[int], known_at datetime
// returns: person_uid str, event str, report_ids list[str], claims list[str], last_recorded datetime
// mode: read
// source: Portsmouth MET Integrated Pathway, Appendix A, "For contexts"
// version: 2
CALL () {
  MATCH (here:Entity)<-[at:AT]-(event:Incident)<-[part:INVOLVED_IN]-(person:Person)
  WHERE here.uid IN $members AND at.happened_from < $to AND (at.happened_to > $from OR at.happened_from >= $from)
    AND at.sight IN $sights AND at.known_from <= $known_at AND at.live_to > $known_at
    AND part.sight IN $sights AND part.known_from <= $known_at AND part.live_to > $known_at
  RETURN person.uid AS person_uid, event.uid AS event, [at.report_id, part.report_id] AS report_ids,
         [at.claim_id, part.claim_id] AS claims,
         CASE WHEN at.recorded_at > part.recorded_at THEN at.recorded_at ELSE part.recorded_at END AS last_recorded
  UNION ALL
  MATCH (here:Entity)<-[part:INVOLVED_IN]-(person:Person)
  WHERE here.uid IN $members AND part.happened_from < $to AND (part.happened_to > $from OR part.happened_from >= $from)
    AND part.sight IN $sights AND part.known_from <= $known_at AND part.live_to > $known_at
  RETURN person.uid AS person_uid, here.uid AS event, [part.report_id] AS report_ids, [part.claim_id] AS claims,
         part.recorded_at AS last_recorded
  UNION ALL
  MATCH (here:Entity)<-[r:SEEN_AT|FREQUENTS|ATTENDS|MEMBER_OF|USES|AFFECTED_BY]-(person:Person)
  WHERE here.uid IN $members AND r.happened_from < $to AND (r.happened_to > $from OR r.happened_from >= $from)
    AND r.sight IN $sights AND r.known_from <= $known_at AND r.live_to > $known_at
  RETURN person.uid AS person_uid, CASE r.event_id WHEN '' THEN r.claim_id ELSE r.event_id END AS event, [r.report_id] AS report_ids,
         [r.claim_id] AS claims, r.recorded_at AS last_recorded
}
RETURN person_uid, event, report_ids, claims, last_recorded
ORDER BY person_uid, event
