-- Reads for the broadcast subscriptions of a host. KEYS: S M. ARGV: registration, generation, id behind which to read, count.
-- Answers 'OK', how many messages were ever added, how many are there, the oldest id (or ''), the last id, the entries.
local S, M = KEYS[1], KEYS[2]
local meta = redis.call('HMGET', M, 'id', 'generation')
if not meta[1] then return { 'LOST' } end
if meta[1] ~= ARGV[1] then return { 'OTHER' } end
if not is_stream(S) then return { 'LOST' } end
if meta[2] ~= ARGV[2] then return { 'GENERATION', meta[2] } end
local read = redis.call('XREAD', 'COUNT', ARGV[4], 'STREAMS', S, ARGV[3])
if not read then return { 'OK', 0, 0, '', '', {} } end
local info = stream_info(S)
return { 'OK', info.added, info.length, info.first or '', info.last, read[1][2] }
