"""Record meetings that the relay carries: copied, not encoded, and encrypted to public keys.

For whoever wires it:

    recorder = Recorder(settings.recording, publications, told)   # ValueError: no public key
    await recorder.start(meeting, recording, consents)            # {participant: agreed at, ms}
    await recorder.pause(meeting)                                 # somebody new has not agreed
    await recorder.resume(meeting, consents)                      # a new part, new files
    files = await recorder.stop(meeting)
    await recorder.close()                                        # when the process ends

- *publications* (`seam.Publications`: a `Relay`) says who publishes what at this moment; every
  source that comes later is told by `recorder.published(source)`, as `Relay(published=…)` does.
  A source that ends says so to its sinks.
- Whoever is not in *consents* is not recorded, whatever they publish: the moments between a join
  and the pause that it brings are not on any file.
- *told* is called on the event loop: `Began` and `Finished` for each file (with its bytes and
  seconds), `Failed` once if the recording ends by itself. The meeting goes on in any case.
- One file for each participant and part; another one when their camera first shows a picture.
  `started_ms` of each places them beside each other.
- `keep_swept(settings.recording)` runs for as long as the process: it erases what is too old.
- Several processes may write the same recording, one after the other or at once: files have names
  of their own and nothing is shared.

What a killed process leaves can be read up to some five seconds before: see sealed.py.
"""

from signalling.media.record.about import About
from signalling.media.record.recorder import Recorder
from signalling.media.record.retention import keep_swept
from signalling.media.record.told import Began, Failed, Finished, Told

__all__ = ["About", "Began", "Failed", "Finished", "Recorder", "Told", "keep_swept"]
