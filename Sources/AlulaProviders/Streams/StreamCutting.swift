import AlulaInference

/// Cuts a streamed body into the events that its provider sent, however the network cut it into pieces.
protocol StreamCutting: Sendable {
    init()

    /// Bytes of the event that is not whole yet.
    var waitingBytes: Int { get }

    /// Takes the next bytes of the body.
    ///
    /// - Returns: The events that they complete, in order.
    /// - Throws: ``InferenceError/Code/malformedStream`` when an event outgrows its limit.
    mutating func take(_ bytes: some Collection<UInt8>) throws(InferenceError) -> [EventStreamDecoder.Event]

    /// The body has ended.
    ///
    /// - Returns: The event that only lacks its end.
    mutating func end() -> EventStreamDecoder.Event?

    /// Whether a body of this kind is a stream, by its media type alone: in lower case, without parameters, empty when the
    /// provider did not say.
    static func isStream(_ mediaType: String) -> Bool

    /// Whether a body that came in one piece, and whose media type is no stream's, is one all the same.
    static func isStream(_ bytes: [UInt8], labelled mediaType: String) -> Bool
}

extension EventStreamDecoder: StreamCutting {
    static func isStream(_ mediaType: String) -> Bool { mediaType == "text/event-stream" }

    static func isStream(_ bytes: [UInt8], labelled mediaType: String) -> Bool {
        guard mediaType.isEmpty || mediaType == "text/plain" else { return false }
        return ["data:", "event:"].contains { bytes.starts(with: Array($0.utf8)) }
    }
}
