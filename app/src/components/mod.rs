//! What pages are made of. A component documents its props and fetches nothing.
