-- Makes an event. KEYS: S M tombstone. ARGV: registration, generation, then options as field and value.
-- Answers 1, or 0 if it is there.
local S, M, gone = KEYS[1], KEYS[2], KEYS[3]
if redis.call('EXISTS', M) == 1 then return 0 end
make_stream(S)
redis.call('HSET', M, 'id', ARGV[1], 'generation', ARGV[2])
for i = 3, #ARGV, 2 do redis.call('HSET', M, ARGV[i], ARGV[i + 1]) end
redis.call('DEL', gone)
return 1
