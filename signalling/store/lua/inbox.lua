-- Read an inbox at one moment.
-- KEYS[1] - stream
-- KEYS[2] - epoch
-- ARGV[1] - read entries after this stream id
-- Returns the epoch, the first entry's id, the last generated id, and entries after ARGV[1]
-- as id, body in turn; nil when there is no inbox.
local epoch = redis.call("GET", KEYS[2])
local first = redis.call("XRANGE", KEYS[1], "-", "+", "COUNT", 1)[1]
if not epoch or not first then return false end
local info, last = redis.call("XINFO", "STREAM", KEYS[1]), ""
for i = 1, #info, 2 do
  if info[i] == "last-generated-id" then last = info[i + 1] end
end
local found = {epoch, first[1], last}
for _, entry in ipairs(redis.call("XRANGE", KEYS[1], "(" .. ARGV[1], "+")) do
  found[#found + 1] = entry[1]
  found[#found + 1] = entry[2][2]
end
return found
