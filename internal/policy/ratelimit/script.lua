-- Decides about one call. KEYS[i] is where the count of its check i is kept, ARGV[3i-2] to ARGV[3i] are the limit's:
--   'rate'   microseconds in which one call comes back, calls that may come at once
--   'quota'  microseconds of the window, calls that it holds
-- Returns whether the call is let through, and of each check the calls that remain, the microseconds until it has all of
-- them back, and those until it has another one. What count.go does in Go is done here: a rate is kept as the time when all
-- its calls are back, a quota as the number of its window and the calls in it.

-- All edges go by Redis' clock. Since 2026 and not 1970, so that a double holds fractions of microseconds.
local clock = redis.call('TIME')
local now = (clock[1] - 1767225600) * 1000000 + clock[2]

local rate, quota = {}, {}

function rate.count(held, l)
  local most = l.size * l.calls
  local owed = math.max(0, (tonumber(held) or now) - now)
  if owed > 2 * most + 1000000 then owed = 0 end
  return math.min(owed, most)
end

function rate.read(owed, l)
  local free = l.size * l.calls - owed
  local remaining = math.floor(free / l.size + 0.01) -- a hundredth is for rounding: it can not add up, since all is owed
  if remaining > 0 then return remaining, owed, 0 end
  return 0, owed, l.size - free
end

function rate.spend(owed, l)
  owed = owed + l.size
  return owed, string.format('%.3f', now + owed), owed
end

function quota.count(held, l)
  local window, used = string.match(held, '^(%-?%d+):(%d+)$')
  return tonumber(window) == math.floor(now / l.size) and tonumber(used) or 0
end

function quota.left(l) return l.size - now % l.size end

function quota.read(used, l)
  if used < l.calls then return l.calls - used, quota.left(l), 0 end
  return 0, quota.left(l), quota.left(l)
end

function quota.spend(used, l)
  return used + 1, string.format('%d:%d', math.floor(now / l.size), used + 1), quota.left(l)
end

local held = redis.call('MGET', unpack(KEYS))
local limits, counts, allowed = {}, {}, 1
for i = 1, #KEYS do
  local l = {size = tonumber(ARGV[3 * i - 1]), calls = tonumber(ARGV[3 * i])}
  l.kind = ARGV[3 * i - 2] == 'quota' and quota or rate
  limits[i], counts[i] = l, l.kind.count(held[i] or '', l)
  if l.kind.read(counts[i], l) == 0 then allowed = 0 end
end

local answer = {allowed}
for i, l in ipairs(limits) do
  if allowed == 1 then
    local text, life
    counts[i], text, life = l.kind.spend(counts[i], l)
    redis.call('SET', KEYS[i], text, 'PX', math.ceil(life / 1000))
  end
  for _, n in ipairs({l.kind.read(counts[i], l)}) do
    table.insert(answer, math.ceil(n))
  end
end
return answer
