-- Gives back what was fetched for a consumer and not read, and when it leaves everything else that it holds. KEYS: S H D.
-- ARGV: channel, group, consumer, whether it leaves (0, 1), the field with the holder of its name (or ''), then entry ids and
-- how often each was handed over before. What was taken from the consumer meanwhile is not its to give back, even if it has got it again.
local S, H, D = KEYS[1], KEYS[2], KEYS[3]
local channel, group, consumer = ARGV[1], ARGV[2], ARGV[3]
if not has_group(S, group) then return 0 end
local now = now_ms()
for i = 6, #ARGV, 2 do
  local id = ARGV[i]
  local pending = redis.call('XPENDING', S, group, id, id, 1)[1]
  if pending and pending[2] == consumer and pending[4] == tonumber(ARGV[i + 1]) + 1 then
    redis.call('ZADD', D, -1, pad(id))
    if #redis.call('XCLAIM', S, group, WAITING, 0, id, 'RETRYCOUNT', ARGV[i + 1], 'JUSTID') == 0 then
      redis.call('ZREM', D, pad(id))
      redis.call('HINCRBY', H, 'missed', 1)
    end
  end
end
if ARGV[4] == '1' then
  put_back_all(S, H, D, group, consumer, now)
  redis.call('XGROUP', 'DELCONSUMER', S, group, consumer)
  if ARGV[5] ~= '' and redis.call('HGET', H, ARGV[5]) == consumer then redis.call('HDEL', H, ARGV[5]) end
end
redis.call('PUBLISH', channel, 'd' .. group)
return 1
