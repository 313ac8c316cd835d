package import AlulaPrimitives
import AlulaSystem

/// The JSON documents of a credential store that a database of OpenClaw's later versions holds.
package struct StoredDocuments: Sendable {
    /// What `auth-profiles.json` would hold: secrets. `nil` when the database has none.
    package let profiles: [UInt8]?
    /// What `auth-state.json` would hold.
    package let state: [UInt8]?

    package init(profiles: [UInt8]?, state: [UInt8]?) {
        self.profiles = profiles
        self.state = state
    }
}

/// Reads credential stores from OpenClaw's databases and changes nothing in them, not even beside them.
package enum AgentDatabase {
    /// Longest document that is read.
    package static let maximumDocument = ByteCount.mebibytes(16)

    /// The store of one agent, in `openclaw-agent.sqlite` of its directory; `nil` when there is no database or no store
    /// in it. Blocks the calling thread.
    ///
    /// - Throws: ``StateError/Code/databaseBusy``, ``StateError/Code/databaseUnreadable`` or
    ///   ``StateError/Code/fileUnusable``.
    package static func agentStore(at path: String) throws(StateError) -> StoredDocuments? {
        try DatabaseSnapshot.read(path) { database throws(StateError) in
            documents(
                profiles: try database.document(
                    "store_json", in: "auth_profile_store", where: "store_key", is: "primary"),
                state: try database.document(
                    "state_json", in: "auth_profile_state", where: "state_key", is: "primary"))
        }
    }

    /// The store that all agents share, in `state/openclaw.sqlite` of the state directory; `nil` when there is no
    /// database or no store in it. Blocks the calling thread.
    ///
    /// - Throws: As ``agentStore(at:)``.
    package static func sharedStore(at path: String) throws(StateError) -> StoredDocuments? {
        try DatabaseSnapshot.read(path) { database throws(StateError) in
            func machineState(_ key: String) throws(StateError) -> [UInt8]? {
                try database.document("value_json", in: "config_machine_state", where: "state_key", is: key)
            }
            let current = try machineState("authProfiles.store")
            // Earlier versions had a table for the shared store alone.
            let profiles =
                if let current { current } else {
                    try database.document("store_json", in: "auth_profile_stores", where: "store_key", is: "primary")
                }
            return documents(profiles: profiles, state: try machineState("authProfiles.state"))
        }
    }

    private static func documents(profiles: [UInt8]?, state: [UInt8]?) -> StoredDocuments? {
        profiles == nil && state == nil ? nil : StoredDocuments(profiles: profiles, state: state)
    }
}
