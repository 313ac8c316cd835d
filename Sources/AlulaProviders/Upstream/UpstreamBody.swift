import AlulaInference
import AlulaPrimitives
import NIOCore

/// The body of an answer. One reader at a time: whoever has the answer. The call ends with it.
final class UpstreamBody: Sendable {
    private let call: UpstreamCall

    init(_ call: UpstreamCall) { self.call = call }

    deinit { call.end(CancellationError()) }

    /// The next bytes; `nil` at the end.
    ///
    /// - Throws: ``AttemptFailure``, `CancellationError`.
    func next() async throws -> ByteBuffer? {
        if case .part(let bytes) = try await call.next() { bytes } else { nil }
    }

    /// Everything that is left.
    ///
    /// - Parameter truncates: Whether more than `maximum` is left out in place of a failure.
    func rest(upTo maximum: ByteCount, truncates: Bool = false) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let part = try await next() {
            bytes += part.readableBytesView.prefix(maximum.bytes - bytes.count + 1)
            guard bytes.count > maximum.bytes else { continue }
            if truncates { return Array(bytes.prefix(maximum.bytes)) }
            throw AttemptFailure(FailureReport(message: "The provider's answer is larger than the gateway holds."))
        }
        return bytes
    }
}
