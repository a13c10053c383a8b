-- Looks which places of a host have something to do. KEYS: S M. ARGV: registration, generation, then for each place its group, the epoch
-- that the host knows, and for a consumer id its consumer (otherwise '').
-- Answers 'OK' and the groups of those that have messages to read, redeliveries that are due, or that have changed or gone.
local S, M = KEYS[1], KEYS[2]
local meta = redis.call('HMGET', M, 'id', 'generation')
if not meta[1] then return { 'LOST' } end
if meta[1] ~= ARGV[1] then return { 'OTHER' } end
if not is_stream(S) then return { 'LOST' } end
if meta[2] ~= ARGV[2] then return { 'GENERATION', meta[2] } end
local read, last, now, answers = {}, stream_info(S).last, now_ms(), { 'OK' }
for _, group in ipairs(redis.call('XINFO', 'GROUPS', S)) do
  read[field(group, 'name')] = field(group, 'last-delivered-id')
end
for i = 3, #ARGV, 3 do
  local group = ARGV[i]
  local place = redis.call('HMGET', S .. ':place:' .. group, 'epoch', 'holder')
  local due = redis.call('ZRANGE', S .. ':due:' .. group, 0, 0, 'WITHSCORES')[2]
  if read[group] ~= last or place[1] ~= ARGV[i + 1] or (ARGV[i + 2] ~= '' and place[2] ~= ARGV[i + 2]) or (due and tonumber(due) <= now) then
    answers[#answers + 1] = group
  end
end
return answers
