/// When repeated wrong secrets lock an address out.
package struct FailureLimit: Hashable, Sendable {
    /// Failures within ``window`` that lock.
    package var maximumFailures = 10
    package var window = Duration.seconds(60)
    package var lockout = Duration.seconds(300)
    /// Whether programs on this machine are never locked out. Pages in a browser are, by origin.
    package var exemptsLoopback = true

    package init() {}
}
