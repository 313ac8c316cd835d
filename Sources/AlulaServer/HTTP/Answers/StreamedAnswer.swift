import AlulaInference
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Hummingbird
import NIOCore

/// Writes an answer piece by piece. The next piece is asked for once the last one is with the connection, so a caller that
/// does not read holds up its own answer and nothing else.
///
/// One task at a time uses it: the one that ``AnswerWork/run(_:)`` awaits, then whoever awaited that.
final class StreamedAnswer: @unchecked Sendable {
    private var stream: any AnswerStream
    private var encoder: any AnswerStreamEncoding
    private var writer: any ResponseBodyWriter
    /// Whether the stream has said that it is.
    private var isWhole = false
    private let pool: BlockingPool
    /// What is written where the stream runs, in bytes; more goes to the pool.
    private let maximumInline: Int

    init(
        stream: any AnswerStream, encoder: any AnswerStreamEncoding, writer: any ResponseBodyWriter, core: ServerCore
    ) {
        self.stream = stream
        self.encoder = encoder
        self.writer = writer
        pool = core.pool
        maximumInline = core.settings.models.maximumInline.bytes
    }

    /// Writes everything. What breaks the answer off is told in the caller's dialect, while the caller still takes anything.
    ///
    /// - Parameter failed: Hears what the caller is told.
    func write(for work: AnswerWork, on channel: any Channel, failed: (AnswerError) -> Void) async throws {
        do {
            // Nothing more in here: what the frame needs while it waits for the next piece stays with the stream.
            try await work.run { [self, eventLoop = channel.eventLoop] in
                var breather = Breather(on: eventLoop)
                while let event = try await stream.next() {
                    try await copy(event)
                    await breather.breathe()
                }
                try await end()
            }
            work.answered(nil)
        } catch {
            guard let told = error as? AnswerError ?? work.ending?.error, channel.isWritable else { throw error }
            work.answered(told)
            failed(told)
            try await send(nil) { $0.fail(told) }
        }
        try await writer.finish(nil)
    }

    @inline(never)
    private func copy(_ event: InferenceEvent) async throws {
        if case .finished = event { isWhole = true }
        if isLight(event) {
            try await send(encoder.encode(event))
        } else {
            try await send(event) { $0.encode(event) }
        }
    }

    @inline(never)
    private func end() async throws {
        guard isWhole else { throw AnswerError(.upstream, "The answer broke off before its end.") }
        try await send(nil) { $0.end() }
    }

    /// Whether little is written for a piece, or for the end.
    private func isLight(_ event: InferenceEvent?) -> Bool { encoder.weight(of: event) <= maximumInline }

    /// Sends what `encode` makes of a piece, or of the end; much of it is written on the pool.
    // Its frame is no part of the one that stays with a stream.
    @inline(never)
    private func send(
        _ event: InferenceEvent?, _ encode: @escaping @Sendable (inout any AnswerStreamEncoding) -> [UInt8]
    ) async throws {
        if isLight(event) { return try await send(encode(&encoder)) }
        let (bytes, after) = try await pool.runForCaller("write much of an answer") { [encoder] in
            var encoder = encoder
            return (encode(&encoder), encoder)
        }
        encoder = after
        try await send(bytes)
    }

    private func send(_ bytes: [UInt8]) async throws {
        if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
    }
}
