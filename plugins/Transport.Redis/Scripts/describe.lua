-- Describes an event. KEYS: S M. Answers the fields of its hash, how many messages it has and in how many bytes of memory, and its groups as
-- name, lag (-1: not known), unsettled. The fields are empty if there is no such event.
local S, M = KEYS[1], KEYS[2]
local meta = redis.call('HGETALL', M)
if #meta == 0 or not is_stream(S) then return { meta, 0, 0, {} } end
local groups = {}
for _, group in ipairs(redis.call('XINFO', 'GROUPS', S)) do
  local lag = field(group, 'lag')
  groups[#groups + 1] = { field(group, 'name'), lag or -1, field(group, 'pending') }
end
local used = redis.pcall('MEMORY', 'USAGE', S)
return { meta, redis.call('XLEN', S), type(used) == 'number' and used or -1, groups }
