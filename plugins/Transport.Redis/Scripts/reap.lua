-- Takes from consumers what they have not renewed for too long, and forgets consumers that hold nothing and have gone. KEYS: S.
-- ARGV: channel, idle limit (ms), groups. Answers for each group how many entries were taken, and how many are unsettled in all.
local S = KEYS[1]
local channel, limit = ARGV[1], tonumber(ARGV[2])
local now, answers = now_ms(), {}

local function reap(group)
  if not has_group(S, group) then return 0, 0 end
  local H, D, total, unsettled = S .. ':place:' .. group, S .. ':due:' .. group, 0, 0
  redis.call('HSET', H, 'seen', now)
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', S, group)) do
    local name, pending, idle = field(consumer, 'name'), field(consumer, 'pending'), field(consumer, 'idle')
    unsettled = unsettled + pending
    if name == WAITING then
      -- Nobody's to take.
    elseif pending > 0 then
      while true do
        local orphans = redis.call('XPENDING', S, group, 'IDLE', limit, '-', '+', 200, name)
        if #orphans == 0 then break end
        local ids, told = {}, {}
        for _, orphan in ipairs(orphans) do
          ids[#ids + 1] = orphan[1]
          told[#told + 1] = orphan[1] .. ':' .. orphan[4]
        end
        put_back(S, H, D, group, ids, now)
        total = total + #ids
        -- Whoever held them may be alive and have been stopped for a while; and may have got them again before it hears of this, so it
        -- is said which time they were handed over.
        redis.call('PUBLISH', channel, 'l' .. group .. '\n' .. name .. '\n' .. table.concat(told, ' '))
      end
    elseif idle > 2 * limit then
      redis.call('XGROUP', 'DELCONSUMER', S, group, name)
    end
  end
  if total > 0 then redis.call('PUBLISH', channel, 'd' .. group) end
  return total, unsettled
end

for i = 3, #ARGV do
  local total, unsettled = reap(ARGV[i])
  answers[#answers + 1] = total
  answers[#answers + 1] = unsettled
end
return answers
