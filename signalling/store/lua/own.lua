-- Take, keep or release what only one may own.
-- KEYS[1] - lease
-- ARGV[1] - owner
-- ARGV[2] - how long, ms (0 releases)
-- Returns 1 when it is now the owner's, or was and is released; else 0.
local owner = redis.call("GET", KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
if ARGV[2] == "0" then redis.call("DEL", KEYS[1])
else redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2]) end
return 1
