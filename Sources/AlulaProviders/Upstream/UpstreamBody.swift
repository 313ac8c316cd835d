import AlulaInference
import AlulaPrimitives
import AsyncHTTPClient
import NIOCore

/// The body of an answer. One reader at a time: whoever has the answer.
final class UpstreamBody: @unchecked Sendable {
    /// What comes first: something of the body, or the end of its time.
    private enum Event: Sendable {
        case bytes(ByteBuffer)
        case end
        case late
    }

    static let overTime = AttemptFailure(
        FailureReport(code: "ETIMEDOUT", message: "The provider took longer than its `timeoutSeconds`."))

    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private let deadline: Deadline?

    /// - Parameter deadline: When the last byte has to be there; `nil` for no such time.
    init(_ body: HTTPClientResponse.Body, until deadline: Deadline?) {
        iterator = body.makeAsyncIterator()
        self.deadline = deadline
    }

    /// The next bytes; `nil` at the end.
    ///
    /// - Throws: ``AttemptFailure``, `CancellationError`.
    func next() async throws -> ByteBuffer? {
        if let deadline { return try await next(until: deadline) }
        // As in `read`, whose frame would stay with a stream.
        do { return try await iterator.next() } catch { throw UpstreamClient.failure(error) }
    }

    private func read() async throws -> ByteBuffer? {
        do { return try await iterator.next() } catch { throw UpstreamClient.failure(error) }
    }

    // Its frame is no part of the one that stays with a stream.
    @inline(never)
    private func next(until deadline: Deadline) async throws -> ByteBuffer? {
        // What is late is late, also if it is there already.
        guard !deadline.hasPassed else { throw Self.overTime }
        let event = try await withThrowingTaskGroup(of: Event.self) { group in
            // The only reader meanwhile: the group is left once both have ended.
            group.addTask { try await self.read().map { .bytes($0) } ?? .end }
            group.addTask {
                try await Task.sleep(until: deadline.instant, clock: .continuous)
                return .late
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .end
        }
        switch event {
        case .bytes(let bytes): return bytes
        case .end: return nil
        case .late: throw Self.overTime
        }
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
