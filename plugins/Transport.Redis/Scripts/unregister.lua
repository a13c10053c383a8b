-- Removes an event with everything that belongs to it. KEYS: S M tombstone P. ARGV: channel, how long the tombstone stays (s).
-- Answers 1, or 0 if there is no such event.
local S, M, gone, P = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id = redis.call('HGET', M, 'id')
if not id then return 0 end
for _, group in ipairs(redis.call('SMEMBERS', P)) do
  redis.call('UNLINK', S .. ':place:' .. group, S .. ':due:' .. group)
end
redis.call('UNLINK', S, M, P)
redis.call('SET', gone, id, 'EX', ARGV[2])
redis.call('PUBLISH', ARGV[1], 'u' .. id)
return 1
