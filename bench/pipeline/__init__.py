"""From a webhook received to its command at Telnyx: the whole way, ours and the plain one."""
