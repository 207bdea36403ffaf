"""Dialplans that are right, as text: the smallest, one of every table with nothing optional, one of every key."""

SMALLEST = 'version = 1\ntimezone = "UTC"\n[default]\nthen = { do = "hangup" }\n'
EVERY_TABLE = """\
version = 1
timezone = "UTC"
voice = "female"
[recording.all]
start = "bridge"
[schedules.shop]
open.mon = ["08:00-12:00"]
[voicemail.desk]
greeting.say = "Hello."
[groups.sales]
members = ["+13125550211"]
[[rules]]
name = "a"
when = {}
then = { do = "transfer", to = "+13125550111", otherwise = { do = "ring", group = "sales" } }
[[rules]]
name = "b"
when = {}
then = { do = "reject" }
[outbound.x]
from = "+13125550300"
human = { do = "say", text = "Hello." }
amd = { mode = "premium" }
[default]
then = { do = "hangup" }
"""
EVERY_KEY = """\
version = 1
timezone = "Europe/Zurich"
voice = "male"
language = "de-DE"
schedules.shop = { open = { mon-fri = ["08:00-12:00", "22:00-02:00"], sat = ["10:00-24:00"] }, \
closed = [2026-12-25] }
recording.all = { start = "answer", channels = "single", format = "wav", announce = "Recorded.", keep_days = 90 }
voicemail.desk = { greeting = { say = "Hello." }, max_secs = 60, record = "all" }
voicemail.shop = { greeting = { play = "https://example.com/hello.mp3" } }
groups.sales = { members = ["+13125550211", "sip:ana@sales.sip.telnyx.com"], strategy = "round_robin", \
ring_secs = 5, accept = "press_1", prompt = "Press 1." }
limits = { allow = ["+1*", "sip:*@sales.sip.telnyx.com"], dials_per_minute = 2, commands_per_call = 1 }

[[rules]]
name = "everything"
when.to = ["+13125550100", "+1312555*", "sip:desk@example.com"]
when.from = "anonymous"
when.connection = "2900000000000000001"
when.schedule = "shop"
when.attestation = ["C", "none"]
when.tags = "vip"
when.header = { "X-Tier" = "gold", "X-Team" = ["a", "b"] }
[rules.then]
do = "answer"
[rules.then.then]
do = "say"
text = "Hello."
[rules.then.then.then]
do = "play"
url = "https://example.com/wait.mp3"
[rules.then.then.then.then]
do = "ring"
group = "sales"
caller_id = "caller"
record = "all"
[rules.then.then.then.then.otherwise]
do = "transfer"
to = "+13125550111"
ring_secs = 600
caller_id = "caller"
record = "all"
otherwise = { do = "voicemail", box = "desk" }

[[rules]]
name = "hook"
when = {}
then = { do = "hook", call = "hooks.sales:overflow" }

[outbound.reminder]
from = "+13125550300"
connection = "2900000000000000002"
ring_secs = 45
schedule = "shop"
clock = "recipient"
dials_per_sec = 2.5
max_live = 8
attempts = 3
retry_after = { busy = "15m", no_answer = "2h" }
on_outcome = "hooks:called"
dnc = false
amd = { mode = "premium", decide_within_secs = 60, greeting_within_secs = 120 }
human = { do = "say", text = "Hello {name}." }
machine = { do = "leave_message", text = "Machine." }
fax = { do = "hangup" }
silence = { do = "leave_message", url = "https://example.com/a.mp3" }
not_sure = { do = "say", text = "Not sure." }

[default]
then = { do = "reject", cause = "NOT_FOUND" }
"""
