//! A replica's life: registration, heartbeats, connections, the operator's switch, the orderly end.
