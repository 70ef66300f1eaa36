package ratelimit

// room is how many checks a decision holds without allocation. Calls rarely have more than three.
const room = 8

// decide lets a call through if all of its checks hold, and counts it; otherwise nothing is counted. ids[i] is of checks[i].
func (t *table) decide(checks []Check, ids []uint64, now int64) Decision {
	var countRoom [room]count
	var readingRoom [room]reading
	counts, readings := countRoom[:0], readingRoom[:0]
	allowed := true

	t.lock(ids)
	for i := range checks {
		c := t.get(ids[i], now)
		r := checks[i].Limit.read(c, now)
		counts, readings = append(counts, c), append(readings, r)
		allowed = allowed && r.remaining > 0
	}
	if allowed {
		for i := range checks {
			c := checks[i].Limit.spend(counts[i], now)
			t.put(ids[i], c, now)
			readings[i] = checks[i].Limit.read(c, now)
		}
	}
	t.unlock(ids)
	return weigh(allowed, checks, readings)
}

// follow takes over what Redis says.
func (t *table) follow(checks []Check, ids []uint64, readings []reading, allowed bool, now int64) {
	t.lock(ids)
	defer t.unlock(ids)
	for i, r := range readings {
		c := checks[i].Limit.countOf(r, now)
		if c.until <= now {
			continue // a full count is none
		}
		t.get(ids[i], now) // for it has been asked about
		t.put(ids[i], c, now)
		if !allowed && r.remaining == 0 {
			t.hush(ids[i], int64(r.retry), now)
		}
	}
}

// refused returns the refusal of a call that Redis would refuse, because it has just refused one.
func (t *table) refused(checks []Check, ids []uint64, now int64) (Decision, bool) {
	var readingRoom [room]reading
	readings, sure := readingRoom[:0], false
	t.lock(ids)
	for i := range checks {
		r := checks[i].Limit.read(t.get(ids[i], now), now)
		readings = append(readings, r)
		sure = sure || r.remaining == 0 && t.hushed(ids[i], now)
	}
	t.unlock(ids)
	if !sure {
		return Decision{}, false
	}
	return weigh(false, checks, readings), true
}
