-- The changes and listings of redis_store.py. Redis runs a script alone: nobody sees or disturbs it half-way.
--
-- Threads, feedback and suspended states are hashes. Each stands in sorted sets as "<place> <id>", one set for
-- every combination of filters, so that a page of any listing is one range. A thread's messages are a list of
-- "<id> <index> <time> <JSON>". JSON stays text in here: Lua would change its numbers.
--
-- KEYS[1] is the prefix of every key, ARGV[1] the operation; the others are its arguments.

local prefix = KEYS[1]
local place = {thread = 'updated_at', feedback = 'id', state = 'created_at'}
local filters = {
  thread = {{}, {'agent_name'}, {'user_id'}, {'agent_name', 'user_id'}},
  feedback = {{}, {'agent_name'}, {'user_id'}, {'agent_name', 'user_id'}, {'thread_id'}},
  state = {{}, {'thread_id'}, {'agent_name'}, {'thread_id', 'agent_name'}},
}
local op = {}

-- The server's time, so many seconds and microseconds later, as text of one width: one clock for all writers. The date
-- is counted in years that begin in March, so that a leap day is the last of its year.
local clock = redis.call('TIME')
local function now(seconds, micros)
  micros = tonumber(clock[2]) + (micros or 0)
  seconds = tonumber(clock[1]) + (seconds or 0) + math.floor(micros / 1000000)
  local days, rest = math.floor(seconds / 86400) + 719468, seconds % 86400
  local era, of_era = math.floor(days / 146097), days % 146097
  local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524)
    - math.floor(of_era / 146096)) / 365)
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * of_year + 2) / 153)
  local day = of_year - math.floor((153 * month + 2) / 5) + 1
  year = year + era * 400 + (month < 10 and 0 or 1)
  if year > 9999 then return '9999-12-31T23:59:59.999999+00:00' end -- the last time that Python's datetime holds
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00', year, month < 10 and month + 3 or month - 9, day,
    math.floor(rest / 3600), math.floor(rest / 60) % 60, rest % 60, micros % 1000000)
end

local function key(kind, id) return prefix .. kind .. ':' .. id end

local function index(kind, names, record)
  local set = prefix .. kind .. 's'
  for _, name in ipairs(names) do set = set .. ':' .. name .. '=' .. #record[name] .. ':' .. record[name] end
  return set
end

local function id_of(member) return string.sub(member, string.find(member, ' ') + 1) end

local function next_number(counter, count)
  return redis.call('INCRBY', prefix .. 'last_' .. counter, count or 1)
end

-- A record, and the same as a flat list; nothing where there is none.
local function fetch(kind, id)
  local flat, record = redis.call('HGETALL', key(kind, id)), {}
  for n = 1, #flat, 2 do record[flat[n]] = flat[n + 1] end
  if #flat > 0 then return record, flat end
end

local function fetch_all(kind, members)
  local found = {}
  for n, member in ipairs(members) do
    local _, flat = fetch(kind, id_of(member))
    found[n] = flat
  end
  return found
end

-- The arguments from there on, names and values by turns, as a record.
local function given(first)
  local record = {}
  for n = first, #ARGV, 2 do record[ARGV[n]] = ARGV[n + 1] end
  return record
end

local function take(kind, record)
  local member = record[place[kind]] .. ' ' .. record.id
  for _, names in ipairs(filters[kind]) do redis.call('ZREM', index(kind, names, record), member) end
  if kind == 'state' then redis.call('ZREM', prefix .. 'expiries', record.expires_at .. ' ' .. record.id) end
  redis.call('DEL', key(kind, record.id))
end

-- Store a record in place of the one with its id.
local function put(kind, record)
  local old = fetch(kind, record.id)
  if old then take(kind, old) end
  local member = record[place[kind]] .. ' ' .. record.id
  for _, names in ipairs(filters[kind]) do redis.call('ZADD', index(kind, names, record), 0, member) end
  if kind == 'state' then redis.call('ZADD', prefix .. 'expiries', 0, record.expires_at .. ' ' .. record.id) end
  for name, value in pairs(record) do redis.call('HSET', key(kind, record.id), name, value) end
end

-- A thread's time does not go back; but one that is more than an hour ahead comes from a clock that was wrong.
local function touch(thread)
  local at = now()
  if at > thread.updated_at or thread.updated_at > now(3600) then thread.updated_at = at end
  put('thread', thread)
end

function op.page(kind, set, behind, offset, limit)
  return fetch_all(kind, redis.call('ZREVRANGEBYLEX', set, behind, '-', 'LIMIT', offset, limit))
end

-- threads

function op.create(id)
  if not fetch('thread', id) then
    local thread = given(3)
    thread.created_at = now()
    thread.updated_at = thread.created_at
    put('thread', thread)
  end
  return redis.call('HGETALL', key('thread', id))
end

function op.update(id, cleared)
  local thread = fetch('thread', id)
  if not thread then return nil end
  for name, value in pairs(given(4)) do thread[name] = value end
  thread[cleared] = nil
  touch(thread)
  return redis.call('HGETALL', key('thread', id))
end

-- Counts are taken off with 0 - n: Lua writes -n as "-0" where there is nothing, which Redis 7 does not take.
local function delete_what_belongs_to(thread_id)
  for _, kind in ipairs({'feedback', 'state'}) do
    for _, member in ipairs(redis.call('ZRANGE', index(kind, {'thread_id'}, {thread_id = thread_id}), 0, -1)) do
      take(kind, (fetch(kind, id_of(member))))
    end
  end
  for _, graph in ipairs(redis.call('SMEMBERS', key('graphs', thread_id))) do
    redis.call('HINCRBY', prefix .. 'counts', 'checkpoints', 0 - redis.call('ZCARD', key('order', graph)))
    redis.call('DEL', key('order', graph), key('checkpoints', graph))
  end
  redis.call('HINCRBY', prefix .. 'counts', 'messages', 0 - redis.call('LLEN', key('messages', thread_id)))
  redis.call('DEL', key('messages', thread_id), key('forks', thread_id), key('graphs', thread_id))
end

function op.delete(id)
  local thread = fetch('thread', id)
  if not thread then return 0 end
  if thread.parent_thread_id then
    redis.call('ZREM', key('forks', thread.parent_thread_id), thread.created_at .. ' ' .. id)
  end
  for _, member in ipairs(redis.call('ZRANGE', key('forks', id), 0, -1)) do
    redis.call('HDEL', key('thread', id_of(member)), 'parent_thread_id')
  end
  delete_what_belongs_to(id)
  take('thread', thread)
  return 1
end

-- messages

function op.append(id)
  local thread, added = fetch('thread', id), #ARGV - 2
  if not thread then return nil end
  if added == 0 then return {0, 0, now()} end
  local first, first_id = tonumber(thread.message_count), next_number('message', added) - added + 1
  thread.message_count = first + added
  touch(thread)
  for n = 0, added - 1 do
    local head = string.format('%.0f %.0f ', first_id + n, first + n) .. thread.updated_at .. ' '
    redis.call('RPUSH', key('messages', id), head .. ARGV[n + 3])
  end
  redis.call('HINCRBY', prefix .. 'counts', 'messages', added)
  return {first_id, first, thread.updated_at}
end

local function copy_messages(from, to, count)
  for start = 0, count - 1, 1000 do
    local stop = math.min(start + 1000, count) - 1
    for _, message in ipairs(redis.call('LRANGE', key('messages', from), start, stop)) do
      local rest = string.sub(message, string.find(message, ' '), -1)
      redis.call('RPUSH', key('messages', to), string.format('%.0f', next_number('message')) .. rest)
    end
  end
  redis.call('HINCRBY', prefix .. 'counts', 'messages', count)
end

-- A thread's checkpoints for another thread; the name of a graph begins with the length of its thread's id and that.
local function copy_checkpoints(id, new, length)
  for _, graph in ipairs(redis.call('SMEMBERS', key('graphs', id))) do
    local copy = length .. ':' .. new .. string.sub(graph, #string.match(graph, '^%d+:') + #id + 1)
    redis.call('COPY', key('order', graph), key('order', copy))
    redis.call('COPY', key('checkpoints', graph), key('checkpoints', copy))
    redis.call('SADD', key('graphs', new), copy)
    redis.call('HINCRBY', prefix .. 'counts', 'checkpoints', redis.call('ZCARD', key('order', copy)))
  end
end

-- Nil without a parent, nothing but a list where the new id is taken; `length`, in characters, copies checkpoints too.
function op.fork(id, last, new, title, length)
  local thread, at = fetch('thread', id), now()
  if not thread then return nil end
  if fetch('thread', new) then return {} end
  if length ~= '' then
    if redis.call('EXISTS', key('graphs', new)) == 1 then return {} end
    copy_checkpoints(id, new, length)
  end
  if title == '' then
    title = 'Fork of ' .. ((thread.title or '') ~= '' and thread.title or id)
  end
  thread.id, thread.title, thread.created_at, thread.updated_at = new, title, at, at
  thread.parent_thread_id, thread.fork_message_index = id, last
  thread.message_count = math.min(tonumber(thread.message_count), tonumber(last) + 1)
  copy_messages(id, new, thread.message_count)
  put('thread', thread)
  redis.call('ZADD', key('forks', id), 0, at .. ' ' .. new)
  return redis.call('HGETALL', key('thread', new))
end

function op.lineage(id)
  local ancestors, seen, thread, flat = {}, {[id] = true}, fetch('thread', id), nil
  while thread and thread.parent_thread_id and not seen[thread.parent_thread_id] do
    seen[thread.parent_thread_id] = true
    thread, flat = fetch('thread', thread.parent_thread_id)
    if flat then table.insert(ancestors, 1, flat) end
  end
  return {ancestors, fetch_all('thread', redis.call('ZRANGE', key('forks', id), 0, -1))}
end

-- feedback and suspended states

function op.rate()
  local feedback = given(2)
  feedback.id = string.format('%016.0f', next_number('feedback'))
  put('feedback', feedback)
  return feedback.id
end

function op.suspend(seconds, micros)
  local state = given(4)
  state.created_at, state.expires_at = now(), now(seconds, micros)
  put('state', state)
  return {state.created_at, state.expires_at}
end

-- A state that has not expired, and the same as a flat list.
local function waiting(id)
  local state, flat = fetch('state', id)
  if state and state.expires_at > now() then return state, flat end
end

function op.state(id)
  local _, flat = waiting(id)
  return flat
end

function op.waiting(set)
  local found = {}
  for _, member in ipairs(redis.call('ZREVRANGEBYLEX', set, '+', '-')) do
    local _, flat = waiting(id_of(member))
    if flat then table.insert(found, flat) end
  end
  return found
end

function op.claim(id)
  local state, flat = waiting(id)
  if state then take('state', state) end
  return flat
end

function op.cleanup()
  local expired = redis.call('ZRANGEBYLEX', prefix .. 'expiries', '-', '(' .. now() .. '!') -- next to the blank
  for _, member in ipairs(expired) do take('state', (fetch('state', id_of(member)))) end
  return #expired
end

function op.stats()
  local states = redis.call('ZLEXCOUNT', prefix .. 'expiries', '(' .. now() .. '!', '+')
  local threads, feedback = redis.call('ZCARD', index('thread', {})), redis.call('ZCARD', index('feedback', {}))
  return {threads, feedback, states, redis.call('HGETALL', prefix .. 'counts')}
end

-- checkpoints: of one graph, their values by id, and the ids in the order in which they were first saved

function op.save(thread_id, graph, id, at, value)
  local old = redis.call('HGET', key('checkpoints', graph), id)
  if not old then
    redis.call('ZADD', key('order', graph), next_number('checkpoint'), id)
    redis.call('HINCRBY', prefix .. 'counts', 'checkpoints', 1)
    redis.call('SADD', key('graphs', thread_id), graph)
  end
  redis.call('HSET', key('checkpoints', graph), id, (old and string.match(old, '^%S+') or at) .. ' ' .. value)
end

-- Whether `before` has a place, and the checkpoints before it, the newest first; all where it has none.
function op.checkpoints(graph, limit, before)
  local found, top, top_place = {}, '+inf', before and redis.call('ZSCORE', key('order', graph), before)
  if top_place then top = '(' .. top_place elseif before then limit = -1 end
  for n, id in ipairs(redis.call('ZREVRANGEBYSCORE', key('order', graph), top, '-inf', 'LIMIT', 0, limit)) do
    found[n] = {id, redis.call('HGET', key('checkpoints', graph), id)}
  end
  return {top_place and 1 or 0, found}
end

return op[ARGV[1]](ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
