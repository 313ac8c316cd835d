import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import NIOCore
import Testing

@testable import AlulaServer

/// Bodies of requests to models that are wrong, too large, too slow or without an end.
@Suite(.timeLimit(.minutes(5)))
struct HostileBodyTests {
    @Test func whatIsNoRequestIsRefusedWithItsPlace() async throws {
        let nested = String(repeating: "[", count: 10_000)
        let cases: [(String, String)] = [
            ("", "The body is not JSON"), ("{", "The body is not JSON"), ("[]", "must be a JSON object"),
            ("{\"model\":\"m\",\"messages\":\(nested)", "The body is not JSON"),
            (
                "{\"model\":\"m\",\"messages\":\(nested)\(String(repeating: "]", count: 10_000))}",
                "The body is not JSON"
            ),
            (#"{"model":"m","messages":[{"role":"user","content":"Hi"}]} and more"#, "The body is not JSON"),
            (#"{"model":7,"messages":[]}"#, "`model`"), (#"{"model":"m","messages":[]}"#, "`messages`"),
            (#"{"model":"m","messages":[{"role":"user","content":7}]}"#, "`messages[0].content`"),
        ]
        try await ServerRig.run { rig in
            for (body, words) in cases {
                let answer = try await ChatPeer.ask(rig, body)
                #expect(answer.status == 400, "\(body.prefix(60))")
                #expect(answer.error?["type"] == "invalid_request_error")
                #expect(answer.error?["message"]?.string?.contains(words) == true, "\(answer.body)")
            }
            #expect(rig.operations.model.requests.isEmpty)
        }
    }

    @Test func bytesThatAreNoTextAreRefused() async throws {
        try await ServerRig.run { rig in
            let body =
                Array(#"{"model":"m","messages":[{"role":"user","content":""#.utf8) + [0xFF] + Array(#""}]}"#.utf8)
            let connection = try await ChatPeer.open(
                rig, "", headers: [ChatPeer.bearer, ChatPeer.json, "Connection: close"], length: body.count)
            try await connection.write(body)
            let answer = ChatPeer.Answer(await connection.rest())
            #expect(answer.status == 400)
            #expect(answer.error?["message"]?.string?.contains("not JSON") == true)
        }
    }

    @Test func theLastOfSeveralEqualKeysCounts() async throws {
        try await ServerRig.run { rig in
            let body = #"{"model":"a","model":"b","messages":[{"role":"user","content":"Hi"}]}"#
            let last = try await ChatPeer.ask(rig, body)
            #expect(last.status == 200)
            #expect(rig.operations.model.requests.first?.model == "b")
        }
    }

    /// curl, among others, asks before it sends a large body, and waits a second for an answer.
    @Test func whoAsksBeforeSendingABodyIsToldToSendIt() async throws {
        let headers = [ChatPeer.bearer, ChatPeer.json, "Expect: 100-continue", "Connection: close"]
        try await ServerRig.run { rig in
            let connection = try await ChatPeer.open(
                rig, "", headers: headers, length: ChatPeer.hello.utf8.count)
            let head = await connection.head()
            #expect(head.hasPrefix("HTTP/1.1 100 Continue\r\n"))
            try await connection.write(ChatPeer.hello)
            #expect(ChatPeer.Answer(await connection.rest()).status == 200)
            let large = try await ChatPeer.open(rig, "", headers: headers, length: 30_000_000)
            #expect(ChatPeer.Answer(await large.rest()).status == 413)
        }
    }

    // MARK: Size

    @Test func aBodyThatSaysItIsTooLargeIsNotRead() async throws {
        try await ServerRig.run({ $0.models.maximumBody = ByteCount(bytes: 1000) }) { rig in
            let connection = try await ChatPeer.open(rig, "", length: 1001)
            let answer = ChatPeer.Answer(await connection.rest())
            #expect(answer.status == 413)
            #expect(answer.error?["code"] == "request_too_large")
        }
    }

    @Test func aBodyInChunksIsBoundedToo() async throws {
        try await ServerRig.run({ $0.models.maximumBody = ByteCount(bytes: 100_000) }) { rig in
            let connection = try await RawPeer.connect(port: rig.port)
            let head = [
                "POST /v1/chat/completions HTTP/1.1", "Host: 127.0.0.1", ChatPeer.bearer, ChatPeer.json,
                "Transfer-Encoding: chunked",
            ]
            try await connection.write(head.joined(separator: "\r\n") + "\r\n\r\n")
            let chunk = "1000\r\n" + String(repeating: " ", count: 4096) + "\r\n"
            do {
                // It never ends by itself.
                while true { try await connection.write(chunk) }
            } catch is ChannelError {
                // It has been cut off, which is what is asked for.
            } catch is IOError {
                // The same, seen by the system.
            }
            let text = await connection.rest()
            #expect(text.isEmpty || ChatPeer.Answer(text).status == 413)
        }
    }

    @Test func aLargeBodyIsReadWhole() async throws {
        try await ServerRig.run { rig in
            let text = String(repeating: "x", count: 1_000_000)
            let answer = try await ChatPeer.ask(
                rig, #"{"model":"m","messages":[{"role":"user","content":"\#(text)"}]}"#)
            #expect(answer.status == 200)
            #expect(rig.operations.model.requests.first?.messages.first?.text.count == 1_000_000)
        }
    }

    @Test func bodiesTogetherAreBoundedAndGivenBack() async throws {
        try await ServerRig.run({ $0.models.maximumBodiesTogether = ByteCount(bytes: 150) }) { rig in
            rig.operations.model.say([.piece(.text("Hel")), .hang])
            let first = try await ChatPeer.open(rig, ChatPeer.streamedHello)
            let second = try await ChatPeer.open(rig, ChatPeer.streamedHello)
            await rig.operations.model.hung(2)
            let third = try await ChatPeer.ask(rig, ChatPeer.hello)
            #expect(third.status == 503)
            #expect(third.head.contains("retry-after: 1"))
            try await first.close()
            try await second.close()
            await rig.operations.model.cancelled(2)
            rig.operations.model.say([.piece(.text("Hello")), .piece(.finished(.stop))])
            while rig.server.core.answers.count > 0 { await Task.yield() }
            let last = try await ChatPeer.ask(rig, ChatPeer.hello)
            #expect(last.status == 200)
        }
    }

    // MARK: Time

    @Test func aBodyThatDoesNotComeInTimeIsRefused() async throws {
        try await ServerRig.run({ $0.models.bodyTimeout = .milliseconds(50) }) { rig in
            let connection = try await ChatPeer.open(rig, "{", length: 100)
            let answer = ChatPeer.Answer(await connection.rest())
            #expect(answer.status == 408)
            #expect(answer.error?["code"] == "request_timeout")
        }
    }

    @Test func aBodyThatBreaksOffReachesNoModel() async throws {
        try await ServerRig.run { rig in
            let connection = try await ChatPeer.open(rig, ChatPeer.hello, length: ChatPeer.hello.utf8.count + 10)
            try await connection.close(.output)
            _ = await connection.rest()
            #expect(rig.operations.model.requests.isEmpty)
        }
    }
}
