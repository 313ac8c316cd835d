import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// `POST /v1/embeddings`, byte by byte.
@Suite(.timeLimit(.minutes(5)))
struct EmbeddingsTests {
    private static let hello = #"{"model":"m","input":["Hi","there"]}"#
    private static let route = "POST /v1/embeddings"

    @Test func answersWithVectors() async throws {
        try await ServerRig.run { rig in
            let answer = try await ChatPeer.ask(rig, Self.hello, request: Self.route)
            #expect(answer.status == 200)
            #expect(answer.head.contains("content-type: application/json; charset=utf-8"))
            #expect(answer.head.contains("x-alula-provider: fake"))
            #expect(answer.head.contains("x-alula-model: fake/m_1"))
            #expect(answer.head.contains("x-alula-attempts: 2"))
            let body = try JSONValue.parse(answer.body)
            #expect(body["object"] == "list")
            #expect(body["model"] == "m")
            #expect(body["data"]?.array?.map { $0["embedding"] } == [[0, 0.1], [1, 0.1]])
            #expect(body["usage"] == ["prompt_tokens": 3, "total_tokens": 3])
            #expect(rig.operations.model.embeddings == [EmbeddingRequest(model: "m", input: .texts(["Hi", "there"]))])
            let packed = try await ChatPeer.ask(
                rig, #"{"model":"m","input":"Hi","encoding_format":"base64"}"#, request: Self.route)
            #expect(packed.text.contains(#""embedding":"AAAAAM3MzD0=""#))
        }
    }

    @Test func manyVectorsAreWrittenElsewhere() async throws {
        let inputs = Array(repeating: #""x""#, count: 2048).joined(separator: ",")
        try await ServerRig.run { rig in
            rig.operations.model.makeVectors(of: 64)
            let answer = try await ChatPeer.ask(
                rig, #"{"model":"m","input":[\#(inputs)]}"#, request: Self.route)
            #expect(answer.status == 200)
            #expect(try JSONValue.parse(answer.body)["data"]?.array?.count == 2048)
        }
    }

    @Test func mistakesAndFailuresAreInTheDialect() async throws {
        try await ServerRig.run { rig in
            let wrong = try await ChatPeer.ask(rig, #"{"model":"m","input":[]}"#, request: Self.route)
            #expect(wrong.status == 400)
            #expect(wrong.error?["param"] == "input")
            #expect(rig.operations.model.embeddings.isEmpty)
            let cases: [(AnswerError.Kind, Int)] = [
                (.rateLimited, 429), (.upstream, 502), (.timeout, 504), (.modelNotFound, 404), (.badRequest, 400),
            ]
            for (kind, status) in cases {
                rig.operations.model.refuse(
                    AnswerError(kind, "No.", parameter: "input", retryAfter: .milliseconds(1500)))
                let answer = try await ChatPeer.ask(rig, Self.hello, request: Self.route)
                #expect(answer.status == status)
                #expect(answer.error?["message"] == "No.")
                #expect(answer.head.contains("retry-after-ms: 1500"))
            }
        }
    }

    @Test func isGuardedAndTakesPostAlone() async throws {
        try await ServerRig.run { rig in
            let unknown = try await ChatPeer.ask(rig, Self.hello, headers: [ChatPeer.json], request: Self.route)
            #expect(unknown.status == 401)
            #expect(rig.operations.model.embeddings.isEmpty)
            let other = try await ChatPeer.ask(rig, "", headers: [ChatPeer.bearer], request: "GET /v1/embeddings")
            #expect(other.status == 405)
            #expect(other.head.contains("allow: post"))
            let plain = try await ChatPeer.ask(
                rig, Self.hello, headers: [ChatPeer.bearer, "Content-Type: text/plain"], request: Self.route)
            #expect(plain.status == 415)
            let large = try await ChatPeer.ask(rig, Self.hello, length: 1 << 40, request: Self.route)
            #expect(large.status == 413)
        }
    }

    @Test func whoHangsUpEndsTheWork() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.hangBeforeAnswering()
            let peer = try await ChatPeer.open(rig, Self.hello, request: Self.route)
            await rig.operations.model.hung(1)
            try await peer.close()
            await rig.operations.model.cancelled(1)
        }
    }
}
