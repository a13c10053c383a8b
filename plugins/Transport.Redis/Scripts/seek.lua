-- Moves a place, which is made if it is not there. KEYS: S M H D P. ARGV: registration, channel, group, kind of start, its value, its
-- ordinal, the cursor's generation, the most places. Answers 'OK'.
local S, M, H, D, P = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local group = ARGV[3]
local meta = redis.call('HMGET', M, 'id', 'generation')
if not meta[1] then return 'LOST' end
if meta[1] ~= ARGV[1] then return 'OTHER' end
if not is_stream(S) then return 'LOST' end
local info = stream_info(S)
local last, ord = find_start(info, ARGV[4], ARGV[5], ARGV[6])
if ARGV[4] == 'C' and (ARGV[7] ~= meta[2] or pad(last) > pad(info.last) or gap(info, last, ord) > 0) then return 'CURSOR' end
if redis.call('SCARD', P) >= tonumber(ARGV[8]) and redis.call('SISMEMBER', P, group) == 0 then return 'FULL' end
if has_group(S, group) then redis.call('XGROUP', 'DESTROY', S, group) end
redis.call('XGROUP', 'CREATE', S, group, last)
redis.call('SADD', P, group)
redis.call('DEL', D)
for _, name in ipairs(redis.call('HKEYS', H)) do
  if string.sub(name, 1, 1) == 'x' or name == 'missed' then redis.call('HDEL', H, name) end
end
redis.call('HSET', H, 'epoch', new_epoch(), 'last', last, 'ord', ord, 'seen', now_ms())
redis.call('PUBLISH', ARGV[2], 'p' .. group)
return 'OK'
