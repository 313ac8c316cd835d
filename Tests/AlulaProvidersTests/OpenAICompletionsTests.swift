import AlulaInference
import AlulaPrimitives
import Testing

@testable import AlulaProviders

/// What is peculiar to `openai-completions`; what all kinds of API do is in ``ProviderContractTests``.
@Suite(.timeLimit(.minutes(2)))
struct OpenAICompletionsTests {
    private static let kind = SpokenKind.all[0]

    @Test func aStreamMayEndWithoutItsMark() async throws {
        let body = Self.kind.stream("Hi").replacing("data: [DONE]\n\n", with: "")
        try await LoopbackUpstream.run([.write(LoopbackUpstream.streamHead), .write(Array(body.utf8)), .close]) {
            upstream in
            let outcome = await ProviderCall.ask(Self.kind, upstream.baseURL)
            #expect(outcome.text == "Hi")
            #expect(outcome.failure == nil)
        }
    }

    /// The whole answer, as gzip has it.
    private static let packed: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 74, 206, 200, 207, 76, 78,
        45, 86, 178, 138, 174, 86, 202, 77, 45, 46, 78, 76, 79, 85, 178, 170, 86, 74,
        206, 207, 43, 73, 205, 43, 81, 178, 82, 114, 47, 58, 188, 231, 240, 252, 84, 165,
        90, 29, 165, 180, 204, 188, 204, 226, 140, 248, 162, 212, 196, 226, 252, 60, 160, 84,
        113, 73, 126, 129, 82, 109, 108, 45, 0, 232, 134, 17, 67, 70, 0, 0, 0,
    ]

    /// 300,000 spaces, as gzip has them.
    private static let bomb: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 1, 13, 0, 0, 0, 194,
        160, 42, 239, 159, 210, 30, 14, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 248, 49, 223, 42, 31, 84, 224, 147,
        4, 0,
    ]

    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let lines = [
            "HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Encoding: gzip",
            "Content-Length: \(bytes.count)",
        ]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes
    }

    /// Nobody asked for compression; some servers compress all the same.
    @Test func compressedAnswersAreUnpackedWithinBounds() async throws {
        try await LoopbackUpstream.run([.write(Self.compressed(Self.packed))]) { upstream in
            #expect(await ProviderCall.ask(Self.kind, upstream.baseURL, isStreamed: false).text == "Grüße")
        }
        var limits = UpstreamClient.Limits()
        limits.maximumAnswer = ByteCount(bytes: 10_000)
        try await LoopbackUpstream.run([.write(Self.compressed(Self.bomb))]) { upstream in
            #expect(
                await ProviderCall.ask(Self.kind, upstream.baseURL, isStreamed: false, limits: limits).failure != nil)
        }
        try await LoopbackUpstream.run([.write(Self.compressed(Array("no gzip".utf8))), .close]) { upstream in
            #expect(await ProviderCall.ask(Self.kind, upstream.baseURL, isStreamed: false).failure != nil)
        }
    }
}
