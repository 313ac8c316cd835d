package import AlulaPrimitives

/// The bounds of one connection. The standard values are the protocol's, unless a comment says otherwise.
package struct ConnectionLimits: Hashable, Sendable {
    /// One message after admission.
    package var maximumMessage = ByteCount(bytes: 26_214_400)
    /// One message before admission.
    package var maximumMessageBeforeAdmission = ByteCount(bytes: 65_536)
    /// Bytes that may wait for a slow reader.
    package var maximumBuffered = ByteCount(bytes: 52_428_800)
    /// From the upgrade to the admission.
    package var handshakeTimeout = Duration.seconds(15)
    /// Between two `tick` events.
    package var tickInterval = Duration.seconds(30)
    /// Between two WebSocket pings.
    package var pingInterval = Duration.seconds(25)
    /// Pings without any answer after which a connection counts as dead. Ours.
    package var maximumUnansweredPings = 4
    /// Requests that may be under way at once; then reading pauses. Ours.
    package var maximumRequestsInFlight = 64
    /// How long a peer may take to answer a close.
    package var closeGrace = Duration.seconds(1)

    /// The standard limits.
    package init() {}
}
