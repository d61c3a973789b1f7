-- Read a feed after an entry, and see whether any entry in between is gone.
-- KEYS[1] - stream
-- ARGV[1] - read entries after this id
-- ARGV[2] - most entries
-- Returns the first entry's id, the last generated id, how many entries were ever trimmed,
-- then id and body in turn; nil when there is no feed.
if redis.call("EXISTS", KEYS[1]) == 0 then return false end
local info = {}
local list = redis.call("XINFO", "STREAM", KEYS[1])
for i = 1, #list, 2 do info[list[i]] = list[i + 1] end
local first = redis.call("XRANGE", KEYS[1], "-", "+", "COUNT", 1)[1]
local found = {first and first[1] or "", info["last-generated-id"], info["entries-added"] - info["length"]}
for _, entry in ipairs(redis.call("XRANGE", KEYS[1], "(" .. ARGV[1], "+", "COUNT", ARGV[2])) do
  found[#found + 1] = entry[1]
  found[#found + 1] = entry[2][2]
end
return found
