-- What the scripts share; put before each of them.
-- Names: S the stream, M the hash of the event, H the hash of a place (a worker group's or consumer id's), D the sorted set of what
-- waits there for its redelivery, P the set of the event's places.

-- The consumer that owns what waits for its redelivery: it never reads, so an entry of it is nobody's.
local WAITING = 'waiting'

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Different each time within the life of a server, also after everything was flushed.
local function new_epoch()
  local t = redis.call('TIME')
  return string.format('%s%06d', t[1], t[2])
end

-- Padded, ids order as text. Commands take them as they are.
local function pad(id)
  local dash = string.find(id, '-', 1, true)
  local ms, seq = string.sub(id, 1, dash - 1), string.sub(id, dash + 1)
  return string.rep('0', 20 - #ms) .. ms .. '-' .. string.rep('0', 20 - #seq) .. seq
end

local function field(flat, name)
  for i = 1, #flat, 2 do
    if flat[i] == name then return flat[i + 1] end
  end
end

local function stream_info(S)
  local flat = redis.call('XINFO', 'STREAM', S)
  local first = field(flat, 'first-entry')
  return {
    length = field(flat, 'length'),
    added = field(flat, 'entries-added'),
    last = field(flat, 'last-generated-id'),
    first = first and first[1] or false,
  }
end

local function is_stream(S)
  return redis.call('TYPE', S)['ok'] == 'stream'
end

-- An empty stream exists only as long as a group was made on it once.
local function make_stream(S)
  if not is_stream(S) then
    redis.call('XGROUP', 'CREATE', S, 'made', '0', 'MKSTREAM')
    redis.call('XGROUP', 'DESTROY', S, 'made')
  end
end

-- Whether a group is there; an error that says something else is the caller's.
local function has_group(S, group)
  local summary = redis.pcall('XPENDING', S, group)
  if summary.err then
    if string.find(summary.err, 'NOGROUP', 1, true) then return false end
    error(summary.err)
  end
  return true, summary
end

-- How many of its messages a place has lost to retention: those between what it has read and the oldest that is left.
local function gap(info, last, ord)
  if ord < 0 or (info.first and pad(info.first) <= pad(last)) then return 0 end
  return math.max(0, info.added - info.length - ord)
end

-- Where to begin: the id behind which to read, and how many messages were ever added up to it (-1: not known).
local function find_start(info, kind, value, ord)
  local beginning = info.added - info.length
  if kind == 'B' then return '0-0', beginning end
  if kind == 'T' then
    local from = string.format('%.0f', tonumber(value) - 1) .. '-18446744073709551615'
    if pad(from) >= pad(info.last) then return info.last, info.added end
    if info.first and pad(from) < pad(info.first) then return '0-0', beginning end
    return from, -1
  end
  if kind == 'C' then return value, tonumber(ord) end
  return info.last, info.added
end

-- Gives entries back with their counts as they are: they wait for whoever comes, from a time on. The sorted set comes first: a server
-- without memory refuses it, and then nothing has changed. What retention has removed meanwhile is missed.
local function put_back(S, H, D, group, ids, due)
  for _, id in ipairs(ids) do redis.call('ZADD', D, due, pad(id)) end
  local arguments = { 'XCLAIM', S, group, WAITING, 0 }
  for _, id in ipairs(ids) do arguments[#arguments + 1] = id end
  arguments[#arguments + 1] = 'JUSTID'
  local kept = redis.call(unpack(arguments))
  if #kept < #ids then
    local there = {}
    for _, id in ipairs(kept) do there[id] = true end
    for _, id in ipairs(ids) do
      if not there[id] then redis.call('ZREM', D, pad(id)) end
    end
    redis.call('HINCRBY', H, 'missed', #ids - #kept)
  end
end

-- Gives back everything that a consumer holds, as often as it was handed over.
local function put_back_all(S, H, D, group, consumer, due)
  local total = 0
  while true do
    local pending = redis.call('XPENDING', S, group, '-', '+', 500, consumer)
    if #pending == 0 then return total end
    local ids = {}
    for _, entry in ipairs(pending) do ids[#ids + 1] = entry[1] end
    put_back(S, H, D, group, ids, due)
    total = total + #ids
  end
end
