package import AlulaJSON

/// How often presence and health have changed; it goes with `presence` and `health` events.
package struct StateVersion: Hashable, Sendable {
    package var presence: Int64
    package var health: Int64

    package init(presence: Int64 = 1, health: Int64 = 1) {
        self.presence = presence
        self.health = health
    }

    /// The wire's object.
    package var payload: JSONValue { ["presence": .number(presence), "health": .number(health)] }

    /// Reads the wire's object; missing counters are 0.
    package init(payload: JSONValue) {
        self.init(presence: payload["presence"]?.integer ?? 0, health: payload["health"]?.integer ?? 0)
    }
}
