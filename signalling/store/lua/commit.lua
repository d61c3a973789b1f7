-- Write records with their timers and outgoing events, if no record read has changed since.
-- KEYS: timers | a record each write | a record each check | inbox, epoch each mail
--       | a stream each append | a sorted set each index change
-- ARGV[1..6]  - how many writes, checks, mails, posts, appends, index changes
-- ARGV[7..9]  - a random word for new inbox epochs; an inbox's length; its time to live, ms
-- ARGV[10..]  - version read, each write and check ("0" for absent)
--             | body ("" deletes), wake-at ms ("" none), time to live ms ("" none), each write
--             | body, each mail | channel, body, each post | length, body, each append
--             | member, score ("" removes), each index change
-- Returns the event id of each mail, or nil on a conflict (nothing written).
local call, a, k = redis.call, 9, 1
local function arg() a = a + 1 return ARGV[a] end
local function key() k = k + 1 return KEYS[k] end
for i = 1, ARGV[1] + ARGV[2] do
  if (call("HGET", KEYS[i + 1], "v") or "0") ~= arg() then return false end
end
local before = call("ZRANGE", KEYS[1], 0, 0, "WITHSCORES")[2]
for _ = 1, ARGV[1] do
  local record, body, wake, ttl = key(), arg(), arg(), arg()
  call("HINCRBY", record, "v", 1)
  if body == "" then call("HDEL", record, "body") else call("HSET", record, "body", body) end
  if ttl == "" then call("PERSIST", record) else call("PEXPIRE", record, ttl) end
  if wake == "" then call("ZREM", KEYS[1], record) else call("ZADD", KEYS[1], wake, record) end
end
local head = call("ZRANGE", KEYS[1], 0, 0, "WITHSCORES")[2]
if head and (not before or tonumber(head) < tonumber(before)) then call("SPUBLISH", KEYS[1], head) end
k = k + ARGV[2]
local events = {}
for i = 1, ARGV[3] do
  local inbox, epoch_key, body = key(), key(), arg()
  local epoch = call("EXISTS", inbox) == 1 and call("GET", epoch_key) or ARGV[7]
  local id = call("XADD", inbox, "MAXLEN", "=", ARGV[8], "*", "e", body)
  call("PEXPIRE", inbox, ARGV[9])
  call("SET", epoch_key, epoch, "PX", ARGV[9])
  events[i] = epoch .. "." .. id
  call("SPUBLISH", inbox, events[i] .. " " .. body)
end
for _ = 1, ARGV[4] do call("SPUBLISH", arg(), arg()) end
for _ = 1, ARGV[5] do call("XADD", key(), "MAXLEN", "~", arg(), "*", "e", arg()) end
for _ = 1, ARGV[6] do
  local index, member, score = key(), arg(), arg()
  if score == "" then call("ZREM", index, member) else call("ZADD", index, score, member) end
end
return events
