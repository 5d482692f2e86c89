//! The two stations: requests for islands, responses, shell policy. Reads no socket: the host describes, eyot answers.
