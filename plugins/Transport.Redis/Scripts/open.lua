-- Opens a subscription to a place, which is made if it is not there. KEYS: S M H D P.
-- ARGV: registration, channel, group, consumer, kind of start, its value, its ordinal, the cursor's generation, max age (ms, 0: none),
-- latest only (0, 1), the field with the holder of the name that the consumer goes by (or ''), whether a group has only one member at a
-- time (0, 1), retention (ms) where the event says nothing, the most places.
-- Answers 'OK', generation, epoch, whether it is new, how many messages it has lost (-1: some), id behind which it reads, its ordinal,
-- the oldest id that is unsettled (or '').
local S, M, H, D, P = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local channel, group, consumer = ARGV[2], ARGV[3], ARGV[4]
local meta = redis.call('HMGET', M, 'id', 'generation', 'retention')
if not meta[1] then return { 'LOST' } end
if meta[1] ~= ARGV[1] then return { 'OTHER' } end
if not is_stream(S) then return { 'LOST' } end

local now = now_ms()
redis.call('XTRIM', S, 'MINID', '=', string.format('%.0f', math.max(0, now - tonumber(meta[3] or ARGV[13]))))
local info = stream_info(S)
local there, summary = has_group(S, group)
local place = redis.call('HMGET', H, 'epoch', 'last', 'ord', 'max_age', 'latest_only')
local is_new = not there or not place[1]
local lost, last, ord, epoch, oldest = 0, nil, nil, place[1], ''

if is_new then
  if redis.call('SCARD', P) >= tonumber(ARGV[14]) and redis.call('SISMEMBER', P, group) == 0 then return { 'FULL' } end
  last, ord = find_start(info, ARGV[5], ARGV[6], ARGV[7])
  if ARGV[5] == 'C' then
    if ARGV[8] ~= meta[2] or pad(last) > pad(info.last) then
      last, ord, lost = '0-0', info.added - info.length, -1
    else
      lost = gap(info, last, ord)
    end
  end
  redis.call('SADD', P, group)
  epoch = new_epoch()
  redis.call('DEL', H, D)
  redis.call('HSET', H, 'epoch', epoch, 'last', last, 'ord', ord)
  if there then
    redis.call('XGROUP', 'DESTROY', S, group)
  end
  redis.call('XGROUP', 'CREATE', S, group, last)
else
  last, ord = place[2], tonumber(place[3])
  lost = gap(info, last, ord)
  if summary[1] > 0 then oldest = summary[2] end
end

if ARGV[12] == '0' then
  if place[4] and not is_new then
    if place[4] ~= ARGV[9] then return { 'AGE', place[4] } end
    if place[5] ~= ARGV[10] then return { 'LATEST', place[5] } end
  else
    redis.call('HSET', H, 'max_age', ARGV[9], 'latest_only', ARGV[10])
  end
end

redis.call('HSET', H, 'seen', now)
if ARGV[11] ~= '' then
  local before = redis.call('HGET', H, ARGV[11])
  redis.call('HSET', H, ARGV[11], consumer)
  if not is_new then
    for _, other in ipairs(redis.call('XINFO', 'CONSUMERS', S, group)) do
      local name = field(other, 'name')
      if name ~= WAITING and name ~= consumer and (name == before or ARGV[12] == '1') then
        put_back_all(S, H, D, group, name, now)
        redis.call('XGROUP', 'DELCONSUMER', S, group, name)
      end
    end
    if before and before ~= consumer then redis.call('PUBLISH', channel, 'p' .. group) end
  end
end
return { 'OK', meta[2], epoch, is_new and 1 or 0, lost, last, ord, oldest }
