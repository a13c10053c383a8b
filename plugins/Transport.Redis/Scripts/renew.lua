-- Keeps what a consumer holds from being taken for a dead host's. KEYS: S H. ARGV: group, consumer, epoch, then entry ids in ascending order.
-- Answers the ids that are not the consumer's any more, or that retention has removed.
local S, H = KEYS[1], KEYS[2]
local group, consumer = ARGV[1], ARGV[2]
local ids, lost, owned = {}, {}, {}
for i = 4, #ARGV do ids[#ids + 1] = ARGV[i] end
if redis.call('HGET', H, 'epoch') ~= ARGV[3] or not has_group(S, group) then return ids end
local pending = redis.call('XPENDING', S, group, ids[1], ids[#ids], #ids + 100, consumer)
for _, entry in ipairs(pending) do owned[entry[1]] = true end
if #pending == #ids + 100 then
  -- More in between than is asked about: one by one.
  for _, id in ipairs(ids) do
    local one = redis.call('XPENDING', S, group, id, id, 1)[1]
    owned[id] = one and one[2] == consumer
  end
end
local claim = { 'XCLAIM', S, group, consumer, 0 }
for _, id in ipairs(ids) do
  if owned[id] then claim[#claim + 1] = id else lost[#lost + 1] = id end
end
if #claim > 5 then
  claim[#claim + 1] = 'JUSTID'
  local kept = {}
  for _, id in ipairs(redis.call(unpack(claim))) do kept[id] = true end
  for _, id in ipairs(ids) do
    if owned[id] and not kept[id] then lost[#lost + 1] = id end
  end
end
return lost
