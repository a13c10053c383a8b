-- Takes messages for a member of a place. KEYS: S M H D.
-- ARGV: registration, generation, group, consumer, the field with the holder of its name (or ''), how many, how many of them at first
-- out of those that are delivered again.
-- Answers 'OK', epoch, how many messages were lost before the first new one, how long until something is due (ms, -1: nothing waits),
-- the ordinal of the first new message (-1: not known), the messages that are delivered again as id, count, fields, the new entries.
local S, M, H, D = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local group, consumer, most = ARGV[3], ARGV[4], tonumber(ARGV[6])
local meta = redis.call('HMGET', M, 'id', 'generation')
if not meta[1] then return { 'LOST' } end
if meta[1] ~= ARGV[1] then return { 'OTHER' } end
if not is_stream(S) then return { 'LOST' } end
if meta[2] ~= ARGV[2] then return { 'GENERATION', meta[2] } end
local place = redis.call('HMGET', H, 'epoch', 'last', 'ord', 'missed', ARGV[5] == '' and '-' or ARGV[5])
if not place[1] or not has_group(S, group) then return { 'NOGROUP' } end
if ARGV[5] ~= '' and place[5] ~= consumer then return { 'TAKEN' } end

local now = now_ms()
local again, missed, wait = {}, tonumber(place[4] or '0'), -1
if missed > 0 then redis.call('HDEL', H, 'missed') end

local function take_due(count)
  -- Some more than asked for, since what this consumer has let expire is left to the others for a while.
  for _, padded in ipairs(redis.call('ZRANGEBYSCORE', D, '-inf', now, 'LIMIT', 0, count + 16)) do
    if count == 0 then return end
    local mark = redis.call('HGET', H, 'x' .. padded)
    local bar = mark and string.find(mark, '|', 1, true)
    local until_ms = mark and tonumber(string.sub(mark, bar + 1)) or 0
    if mark and until_ms > now and string.sub(mark, 1, bar - 1) == consumer then
      wait = wait < 0 and until_ms - now or math.min(wait, until_ms - now)
    else
      local pending = redis.call('XPENDING', S, group, padded, padded, 1)[1]
      if pending and pending[2] == WAITING then
        local claimed = redis.call('XCLAIM', S, group, consumer, 0, padded)[1]
        if claimed then
          again[#again + 1] = { pending[1], pending[4], claimed[2] }
          count = count - 1
        else
          missed = missed + 1
        end
      end
      redis.call('ZREM', D, padded)
      if mark then redis.call('HDEL', H, 'x' .. padded) end
    end
  end
end

local entries, first_ord = {}, -1
if most > 0 then
  -- What was never sent has a due time of -1, so that it comes first and in its order.
  take_due(math.min(most, math.max(tonumber(ARGV[7]), redis.call('ZCOUNT', D, '-inf', '(0'))))
  if #again < most then
    local read = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', most - #again, 'STREAMS', S, '>')
    if read then
      entries = read[1][2]
      local info, ord = stream_info(S), tonumber(place[3])
      if info.first == entries[1][1] then
        local oldest = info.added - info.length
        if ord >= 0 then missed = missed + math.max(0, oldest - ord) end
        ord = oldest
      end
      first_ord = ord
      if ord >= 0 then ord = ord + #entries end
      redis.call('HSET', H, 'last', entries[#entries][1], 'ord', ord)
    end
    if #again + #entries < most then take_due(most - #again - #entries) end
  end
end
local next_due = redis.call('ZRANGE', D, 0, 0, 'WITHSCORES')
if next_due[2] then
  local until_due = math.max(0, tonumber(next_due[2]) - now)
  -- What is due already and was not taken is another's for a while, or there was no room.
  if until_due > 0 or wait < 0 then wait = wait < 0 and until_due or math.min(wait, until_due) end
end
return { 'OK', place[1], missed, wait, first_ord, again, entries }
