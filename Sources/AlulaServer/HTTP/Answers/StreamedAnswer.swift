import AlulaInference
import AlulaProtocol
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

    init(stream: any AnswerStream, encoder: any AnswerStreamEncoding, writer: any ResponseBodyWriter) {
        self.stream = stream
        self.encoder = encoder
        self.writer = writer
    }

    /// Writes everything. What breaks the answer off is told in the caller's dialect, while the caller still takes anything.
    ///
    /// - Parameter failed: Hears what the caller is told.
    func write(for work: AnswerWork, on channel: any Channel, failed: (AnswerError) -> Void) async throws {
        do {
            try await work.run { try await self.copy(on: channel.eventLoop) }
            work.answered(nil)
        } catch {
            guard let told = error as? AnswerError ?? work.ending?.error, channel.isWritable else { throw error }
            work.answered(told)
            failed(told)
            try await send(encoder.fail(told))
        }
        try await writer.finish(nil)
    }

    private func copy(on eventLoop: any EventLoop) async throws {
        var breather = Breather(on: eventLoop)
        var isWhole = false
        while let event = try await stream.next() {
            if case .finished = event { isWhole = true }
            try await send(encoder.encode(event))
            await breather.breathe()
        }
        guard isWhole else { throw AnswerError(.upstream, "The answer broke off before its end.") }
        try await send(encoder.end())
    }

    private func send(_ bytes: [UInt8]) async throws {
        if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
    }
}
