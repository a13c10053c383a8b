-- Takes from consumers what they have not renewed for too long, and forgets consumers that hold nothing and have gone. KEYS: S H D.
-- ARGV: channel, group, idle limit (ms). Answers how many entries were taken, and how many are unsettled in all.
local S, H, D = KEYS[1], KEYS[2], KEYS[3]
local channel, group, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
if not has_group(S, group) then return { 0, 0 } end
local now, total, unsettled = now_ms(), 0, 0
redis.call('HSET', H, 'seen', now)
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', S, group)) do
  local name, pending, idle = field(consumer, 'name'), field(consumer, 'pending'), field(consumer, 'idle')
  unsettled = unsettled + pending
  if name == WAITING then
    -- Nobody's to take.
  elseif pending > 0 then
    while true do
      local orphans = redis.call('XPENDING', S, group, 'IDLE', ARGV[3], '-', '+', 200, name)
      if #orphans == 0 then break end
      local ids = {}
      for _, orphan in ipairs(orphans) do ids[#ids + 1] = orphan[1] end
      put_back(S, H, D, group, ids, now)
      total = total + #ids
      -- Whoever held them may be alive and have been stopped for a while.
      redis.call('PUBLISH', channel, 'l' .. group .. '\n' .. name .. '\n' .. table.concat(ids, ' '))
    end
  elseif idle > 2 * limit then
    redis.call('XGROUP', 'DELCONSUMER', S, group, name)
  end
end
if total > 0 then redis.call('PUBLISH', channel, 'd' .. group) end
return { total, unsettled }
