/// Why a message is not a frame.
package struct FrameError: Error, Hashable {
    /// What is wrong. Raw values are stable: they appear in logs.
    package enum Code: String, CaseIterable, Sendable {
        /// Not one JSON text, or nested beyond ``GatewayFrame/maximumDepth``.
        case notJSON = "not_json"
        /// JSON, and not a frame.
        case notFrame = "not_frame"
    }

    package let code: Code
    /// What is wrong with which member, for the peer.
    package let message: String
    /// The frame's `id`, where it could be read, so that the answer finds its request.
    package let id: String?

    package init(_ code: Code, _ message: String, id: String? = nil) {
        self.code = code
        self.message = message
        self.id = id
    }
}
