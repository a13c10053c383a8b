-- Settles deliveries. KEYS: S H D. ARGV: channel, group, consumer, how long what has expired is left to others (ms), the first and the last
-- of the entry ids; then for each: entry id, epoch, how often it was handed over with this delivery, what becomes of it ('c' completed, 'r' released, 'x' released because
-- its deadline passed, 'n' released and never sent: it keeps its place before everything newer), delay (ms), attempts.
-- Answers a character for each: 'D' done, 'L' it is not this consumer's any more.
local S, H, D = KEYS[1], KEYS[2], KEYS[3]
local group, consumer, grace = ARGV[2], ARGV[3], tonumber(ARGV[4])
local epoch = redis.call('HGET', H, 'epoch')
local there = epoch and has_group(S, group)
local now, released, answers, completed = now_ms(), false, {}, {}

-- How often each entry was handed over that the consumer holds. Those of one call mostly lie together, so they are looked up together; those
-- that lie behind many others, one by one.
local counts, wanted = {}, (#ARGV - 6) / 6
local rows = there and redis.call('XPENDING', S, group, ARGV[5], ARGV[6], wanted * 2 + 8, consumer) or {}
for _, row in ipairs(rows) do counts[row[1]] = row[4] end
local has_all = #rows < wanted * 2 + 8
local function count_of(id)
  local count = counts[id]
  if count == nil and there and not has_all then
    local row = redis.call('XPENDING', S, group, id, id, 1, consumer)[1]
    count = row and row[4] or false
    counts[id] = count
  end
  return count
end

for i = 7, #ARGV, 6 do
  local id, action, answer = ARGV[i], ARGV[i + 3], 'L'
  if ARGV[i + 1] == epoch and count_of(id) == tonumber(ARGV[i + 2]) then
    answer, counts[id] = 'D', false
    if action == 'c' then
      completed[#completed + 1] = id
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
if #completed > 0 then redis.call('XACK', S, group, unpack(completed)) end
if released then redis.call('PUBLISH', ARGV[1], 'd' .. group) end
return table.concat(answers)
