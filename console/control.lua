-- Which of these calls has a leg of this call control id: by its record, or by the one that its timeline ends with. No
-- alias leads from there to the call, as only an operator asks for it. Nothing is written.
--
-- ARGV 1 what such a record has in it   2… calls
-- Reply the call, or ''
for at = 2, #ARGV do
  -- a key of a wrong type hides no other call
  local record = redis.pcall('HGET', 'trunkline:call:' .. ARGV[at], 'record')
    or redis.pcall('LINDEX', 'trunkline:timeline:' .. ARGV[at], -1)
  if type(record) == 'string' and string.find(record, ARGV[1], 1, true) then return ARGV[at] end
end
return ''
