package import AlulaJSON

/// Whether the gateway can do its work, for `/ready`.
package struct Readiness: Sendable {
    package var isReady: Bool
    /// What keeps it from being ready, as short names such as `startup-sidecars`.
    package var failing: [String]
    package var uptime: Duration
    /// How the event loops keep time, as `health` shows it.
    package var eventLoop: JSONValue?

    package init(isReady: Bool, failing: [String] = [], uptime: Duration, eventLoop: JSONValue? = nil) {
        self.isReady = isReady
        self.failing = failing
        self.uptime = uptime
        self.eventLoop = eventLoop
    }
}
