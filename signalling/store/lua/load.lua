-- Read records.
-- KEYS - record hashes
-- Returns version (false when absent) and body (false when absent or deleted) of each, in turn.
local found = {}
for i, key in ipairs(KEYS) do
  local record = redis.call("HMGET", key, "v", "body")
  found[2 * i - 1], found[2 * i] = record[1], record[2]
end
return found
