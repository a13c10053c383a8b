-- Appends messages of one event. KEYS: S M.
-- ARGV: channel, then what holds where the event says nothing: retention (ms), messages, bytes, bytes of a message (0: any),
-- deduplication window (ms, 0: none), whether to measure the bytes (0, 1), whether to tell the history that it is written into (0, 1);
-- then an id and a message, again and again.
-- Answers the registration and for each message: its entry id; '=' and the id of the message that it repeats; '>' if it is too large;
-- '!' and an error; last the id of the history, if asked for. The registration is '' if there is no such event; there are no answers if
-- the event has lost its stream.
local S, M = KEYS[1], KEYS[2]
local meta = redis.call('HMGET', M, 'id', 'retention', 'max_messages', 'max_bytes', 'max_message_bytes', 'deduplication_window')
if not meta[1] then return { '' } end
local retention = tonumber(meta[2] or ARGV[2])
local max_messages = tonumber(meta[3] or ARGV[3])
local max_bytes = tonumber(meta[4] or ARGV[4])
local max_message_bytes = tonumber(meta[5] or ARGV[5])
local window = meta[6] or ARGV[6]
local answers = { meta[1] }
local added = false
-- What the ids of the entries after the first one will be: those of one call differ by one. An id that is known beforehand is looked up and
-- remembered in one command.
local prefix, seq

for i = 9, #ARGV, 2 do
  local message, answer = ARGV[i + 1], '>'
  if max_message_bytes == 0 or #message <= max_message_bytes then
    local known = window ~= '0' and ARGV[i] ~= '' and S .. ':id:' .. meta[1] .. ':' .. ARGV[i]
    local id = prefix and prefix .. string.format('%.0f', seq + 1) or '*'
    local before, remembered = false, false
    if known and prefix then
      before = redis.pcall('SET', known, id, 'NX', 'GET', 'PX', window)
      remembered = not before
    elseif known then
      before = redis.call('GET', known)
    end
    if type(before) == 'string' then
      answer = '=' .. before
    else
      local entry = redis.pcall('XADD', S, 'NOMKSTREAM', id, 'm', message)
      if type(entry) ~= 'string' then
        if remembered then redis.call('DEL', known) end
        if not entry then return { meta[1] } end
        answer = '!' .. entry.err
      else
        answer, added = entry, true
        -- Without memory for it the message is published all the same, and a repetition not noticed.
        if known and not remembered then redis.pcall('SET', known, entry, 'PX', window) end
        if prefix then
          seq = seq + 1
        else
          local dash = string.find(entry, '-', 1, true)
          seq = tonumber(string.sub(entry, dash + 1))
          -- Above that not every number can be told from the next.
          prefix = seq < 2 ^ 52 and string.sub(entry, 1, dash)
        end
      end
    end
  end
  answers[#answers + 1] = answer
end

if added then
  -- By whole nodes of the stream where that is close enough: it costs a tenth.
  redis.call('XTRIM', S, 'MAXLEN', max_messages > 10000 and '~' or '=', max_messages)
  redis.call('XTRIM', S, 'MINID', '~', string.format('%.0f', math.max(0, now_ms() - retention)))
  local used = ARGV[7] == '1' and redis.pcall('MEMORY', 'USAGE', S)
  if type(used) == 'number' and used > max_bytes then
    redis.call('XTRIM', S, 'MAXLEN', '~', math.max(1, math.floor(redis.call('XLEN', S) * max_bytes / used)))
  end
  redis.call('PUBLISH', ARGV[1], 'm')
end
if ARGV[8] == '1' then
  -- The one that replicas follow: it changes with a failover, and when the data is lost.
  answers[#answers + 1] = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
end
return answers
