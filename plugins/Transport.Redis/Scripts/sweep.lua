-- Forgets places that nobody has come to for too long. KEYS: S P. ARGV: how long (ms). Answers how many.
local S, P = KEYS[1], KEYS[2]
if not is_stream(S) then return 0 end
local before, count = now_ms() - tonumber(ARGV[1]), 0
for _, group in ipairs(redis.call('SMEMBERS', P)) do
  local H, D = S .. ':place:' .. group, S .. ':due:' .. group
  -- As long as something is to be delivered there, somebody may come for it.
  local last_due = redis.call('ZRANGE', D, -1, -1, 'WITHSCORES')[2] or 0
  local seen = redis.call('HGET', H, 'seen') or 0
  if math.max(tonumber(seen), tonumber(last_due)) < before then
    redis.call('XGROUP', 'DESTROY', S, group)
    redis.call('UNLINK', H, D)
    redis.call('SREM', P, group)
    count = count + 1
  end
end
return count
