/// Why the gateway ends a WebSocket connection: a code and, within 123 bytes, a reason that is true.
package struct CloseReason: Hashable, Sendable {
    /// The protocol cuts longer reasons here; 123 bytes fit into a close frame.
    private static let maximumBytes = 120

    package let code: UInt16
    package let text: String

    package init(_ code: UInt16, _ text: String) {
        self.code = code
        var text = text
        while text.utf8.count > Self.maximumBytes { text.removeLast() }
        self.text = text
    }

    /// The first message was not JSON. The code and the empty reason are the protocol's.
    package static let notJSON = CloseReason(1000, "")
    package static let protocolMismatch = CloseReason(1002, "protocol mismatch")
    package static let protocolError = CloseReason(1002, "websocket protocol error")
    package static let binaryMessage = CloseReason(1003, "only text messages are understood")
    package static let invalidText = CloseReason(1007, "text is not UTF-8")
    package static let invalidFrame = CloseReason(1008, "invalid request frame")
    /// The reference closes with 1000 and no reason here, and people took it for a normal end.
    package static let handshakeTimeout = CloseReason(1008, "handshake timeout")
    package static let slowConsumer = CloseReason(1008, "slow consumer")
    package static let repeatedUnauthorizedCalls = CloseReason(1008, "repeated unauthorized calls")
    package static let unansweredPings = CloseReason(1008, "no answer to pings")
    package static let tooLargeBeforeAdmission = CloseReason(1009, "preauth payload too large")
    package static let tooLarge = CloseReason(1009, "payload too large")
    package static let serviceRestart = CloseReason(1012, "service restart")
    package static let authChanged = CloseReason(4001, "gateway auth changed")
}
