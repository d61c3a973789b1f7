-- Let another model rank from now on, or none, and tell who follows.
-- KEYS[1] - name of the version that ranks now; also the channel that tells of another
-- KEYS[2] - file of the version to come
-- ARGV[1] - version to come ("" for none)
-- Returns 1, or 0 if there is no such file (nothing written).
if ARGV[1] == "" then redis.call("DEL", KEYS[1])
elseif redis.call("EXISTS", KEYS[2]) == 0 then return 0
else redis.call("SET", KEYS[1], ARGV[1]) end
redis.call("SPUBLISH", KEYS[1], ARGV[1])
return 1
