-- Makes an event again that the server has lost. KEYS: S M tombstone. ARGV: registration, generation, then options as field and value.
-- Answers the generation in force, or '' if the event was unregistered meanwhile.
local S, M, gone = KEYS[1], KEYS[2], KEYS[3]
local meta = redis.call('HMGET', M, 'id', 'generation')
if meta[1] then
  if meta[1] ~= ARGV[1] then return '' end
  if is_stream(S) then return meta[2] end
elseif redis.call('GET', gone) == ARGV[1] then
  return ''
end
make_stream(S)
redis.call('HSET', M, 'id', ARGV[1], 'generation', ARGV[2])
for i = 3, #ARGV, 2 do redis.call('HSET', M, ARGV[i], ARGV[i + 1]) end
return ARGV[2]
