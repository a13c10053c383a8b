-- Makes a group again that the server has lost. KEYS: S M H D P. ARGV: registration, generation, group, id behind which to read, its
-- ordinal, max age (ms), latest only (both '' for a consumer id), the field with the holder of the name (or ''), the holder.
-- Answers the epoch in force, or '' if the event is another one by now.
local S, M, H, D, P = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local group = ARGV[3]
local meta = redis.call('HMGET', M, 'id', 'generation')
if meta[1] ~= ARGV[1] or meta[2] ~= ARGV[2] or not is_stream(S) then return '' end
local epoch = redis.call('HGET', H, 'epoch')
local there = has_group(S, group)
if not there or not epoch then
  if there then redis.call('XGROUP', 'DESTROY', S, group) end
  epoch = new_epoch()
  redis.call('DEL', D)
  for _, name in ipairs(redis.call('HKEYS', H)) do
    if string.sub(name, 1, 1) == 'x' then redis.call('HDEL', H, name) end
  end
  redis.call('SADD', P, group)
  redis.call('HSET', H, 'epoch', epoch, 'last', ARGV[4], 'ord', ARGV[5])
  if ARGV[6] ~= '' then redis.call('HSET', H, 'max_age', ARGV[6], 'latest_only', ARGV[7]) end
  redis.call('XGROUP', 'CREATE', S, group, ARGV[4])
end
-- Two hosts may have held the name, one of them not knowing yet: the first to come keeps it.
if ARGV[8] ~= '' then redis.call('HSETNX', H, ARGV[8], ARGV[9]) end
return epoch
