package import AlulaInference

/// Writes one streamed answer in a caller's dialect.
///
/// ``encode(_:)`` for each piece, then exactly one of ``end()`` and ``fail(_:)``; each returns the bytes that go out now.
package protocol AnswerStreamEncoding: Sendable {
    mutating func encode(_ event: InferenceEvent) -> [UInt8]

    /// The answer is whole.
    mutating func end() -> [UInt8]

    /// The answer broke off after its beginning was sent.
    mutating func fail(_ error: AnswerError) -> [UInt8]

    /// Roughly how many bytes are written for a piece besides its own; for `nil`, for the end or a failure. Dialects that say
    /// at the end of a part what was in it write more than they were given.
    func weight(of event: InferenceEvent?) -> Int
}

extension AnswerStreamEncoding {
    package func weight(of event: InferenceEvent?) -> Int { 0 }
}
