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
}
