"""Device checks: does a microphone hear, does the network carry it, and what to do if not.

For whoever wires it:

    checks = DeviceChecks(bounds)                 # the relay's Bounds, of the same process
    answer = await checks.offer(check, sdp)       # the client's offer, the answer's SDP
    verdict = checks.result(check, seen)          # after some seconds; NotFound a minute later
    await checks.close()

The offer has the microphone and, if it is to be checked, the camera, `sendrecv` or a sending and a
receiving section each: the client gets back what it sends. *seen* is its own getStats summary.
"""

from signalling.media.check.checks import DeviceChecks
from signalling.media.check.verdict import Verdict

__all__ = ["DeviceChecks", "Verdict"]
