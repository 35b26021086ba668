"""What is told about the traffic: THE table of metrics, the mapping onto it, and the log line.

| module | holds |
|---|---|
| `instruments` | every metric: name, kind, labels, help, buckets |
| `record` | outcomes and settlements to observations, labels bounded by configuration |
| `log` | one JSON line a record, escaped and cut |
"""

from gateway.telemetry.instruments import BY_NAME, INSTRUMENTS, Instrument
from gateway.telemetry.record import Known, Observation, RequestFacts, apply

__all__ = ["BY_NAME", "INSTRUMENTS", "Instrument", "Known", "Observation", "RequestFacts", "apply"]
