-- Describes an event. KEYS: S M. Answers the fields of its hash, how many messages it has and in how many bytes of memory, and its groups as
-- name, lag (-1: not known), unsettled. The fields are empty if there is no such event.
local S, M = KEYS[1], KEYS[2]
local meta = redis.call('HGETALL', M)
if #meta == 0 or not is_stream(S) then return { meta, 0, 0, {} } end
local info, groups = stream_info(S), {}
for _, group in ipairs(redis.call('XINFO', 'GROUPS', S)) do
  local name, lag = field(group, 'name'), field(group, 'lag')
  -- What a place knows itself is exact; Redis' own figure is not, after it was started again or has trimmed.
  local place = redis.call('HMGET', S .. ':place:' .. name, 'last', 'ord')
  if place[1] and pad(place[1]) >= pad(info.last) then
    lag = 0
  elseif place[2] and tonumber(place[2]) >= 0 then
    lag = info.added - math.max(tonumber(place[2]), info.added - info.length)
  end
  groups[#groups + 1] = { name, lag or -1, field(group, 'pending') }
end
local used = redis.pcall('MEMORY', 'USAGE', S)
return { meta, redis.call('XLEN', S), type(used) == 'number' and used or -1, groups }
