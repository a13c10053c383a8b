-- Settles deliveries. KEYS: S H D. ARGV: channel, group, consumer, how long what has expired is left to others (ms); then for each:
-- entry id, epoch, how often it was handed over with this delivery, what becomes of it ('c' completed, 'r' released, 'x' released because
-- its deadline passed, 'n' released and never sent: it keeps its place before everything newer), delay (ms), attempts.
-- Answers a character for each: 'D' done, 'L' it is not this consumer's any more.
local S, H, D = KEYS[1], KEYS[2], KEYS[3]
local group, consumer, grace = ARGV[2], ARGV[3], tonumber(ARGV[4])
local epoch = redis.call('HGET', H, 'epoch')
local there = epoch and has_group(S, group)
local now, released, answers = now_ms(), false, {}
for i = 5, #ARGV, 6 do
  local id, action, answer = ARGV[i], ARGV[i + 3], 'L'
  local pending = there and ARGV[i + 1] == epoch and redis.call('XPENDING', S, group, id, id, 1)[1]
  if pending and pending[2] == consumer and pending[4] == tonumber(ARGV[i + 2]) then
    answer = 'D'
    if action == 'c' then
      redis.call('XACK', S, group, id)
    else
      local padded = pad(id)
      redis.call('ZADD', D, action == 'n' and -1 or now + tonumber(ARGV[i + 4]), padded)
      if action == 'x' then redis.call('HSET', H, 'x' .. padded, consumer .. '|' .. string.format('%.0f', now + grace)) end
      if #redis.call('XCLAIM', S, group, WAITING, 0, id, 'RETRYCOUNT', ARGV[i + 5], 'JUSTID') == 0 then
        -- Retention has removed it: it can't come again.
        redis.call('ZREM', D, padded)
        redis.call('HDEL', H, 'x' .. padded)
        redis.call('HINCRBY', H, 'missed', 1)
      end
      released = true
    end
  end
  answers[#answers + 1] = answer
end
if released then redis.call('PUBLISH', ARGV[1], 'd' .. group) end
return table.concat(answers)
