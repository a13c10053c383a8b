-- Finds where a broadcast subscription begins. KEYS: S M. ARGV: registration, kind of start, its value, its ordinal, the cursor's
-- generation, retention (ms) where the event says nothing.
-- Answers 'OK', generation, id behind which to read, its ordinal, how many messages are lost before it (-1: some), last id, ordinal there.
local S, M = KEYS[1], KEYS[2]
local meta = redis.call('HMGET', M, 'id', 'generation', 'retention')
if not meta[1] then return { 'LOST' } end
if meta[1] ~= ARGV[1] then return { 'OTHER' } end
if not is_stream(S) then return { 'LOST' } end
redis.call('XTRIM', S, 'MINID', '=', string.format('%.0f', math.max(0, now_ms() - tonumber(meta[3] or ARGV[6]))))
local info = stream_info(S)
if ARGV[2] == 'C' and (ARGV[5] ~= meta[2] or pad(ARGV[3]) > pad(info.last)) then
  return { 'OK', meta[2], '0-0', info.added - info.length, -1, info.last, info.added }
end
local id, ord = find_start(info, ARGV[2], ARGV[3], ARGV[4])
local lost = ARGV[2] == 'C' and gap(info, id, ord) or 0
if ARGV[2] == 'C' and ord < 0 and info.first and pad(info.first) > pad(id) and info.added > info.length then lost = -1 end
return { 'OK', meta[2], id, ord, lost, info.last, info.added }
