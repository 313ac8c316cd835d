import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaTestSupport
import NIOCore
import Testing

@testable import AlulaServer

/// What becomes of an answer whose caller leaves, does not read, or is told that the gateway stops.
@Suite(.timeLimit(.minutes(5)))
struct LeavingCallerTests {
    private static let endless: [FakeModel.Step] = [.piece(.text(String(repeating: "x", count: 1000)))]

    @Test(arguments: [ChatPeer.hello, ChatPeer.streamedHello], [CloseMode.all, .output])
    func whoHangsUpEndsTheWork(body: String, mode: CloseMode) async throws {
        try await ServerRig.run { rig in
            rig.operations.model.say([.piece(.text("Hel")), .hang])
            let connection = try await ChatPeer.open(rig, body)
            await rig.operations.model.hung(1)
            try await connection.close(mode)
            await rig.operations.model.cancelled(1)
            while rig.server.core.answers.count > 0 { await Task.yield() }
        }
    }

    @Test func whoHangsUpBeforeTheFirstPieceEndsTheWork() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.hangBeforeAnswering()
            let connection = try await ChatPeer.open(rig, ChatPeer.streamedHello)
            await rig.operations.model.hung(1)
            try await connection.close()
            await rig.operations.model.cancelled(1)
        }
    }

    /// The work runs on the connection's event loop, which has to look at its sockets all the same.
    @Test func anAnswerThatNeverWaitsHearsItsCallerHangUp() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.say([.piece(.text("x"))], repeats: true)
            let connection = try await ChatPeer.open(rig, ChatPeer.hello)
            await rig.operations.model.taken(10_000)
            try await connection.close()
            while rig.server.core.answers.count > 0 { await Task.yield() }
        }
    }

    @Test func whoDoesNotReadHoldsUpItsOwnAnswerOnly() async throws {
        try await ServerRig.run({ $0.http.idleTimeout = .milliseconds(200) }) { rig in
            rig.operations.model.say(Self.endless, repeats: true)
            let connection = try await ChatPeer.open(rig, ChatPeer.streamedHello)
            try await connection.stopReading()
            // The guard against stalled writes ends it; without backpressure there would be no stall, and no end.
            while rig.server.core.answers.count == 0 { await Task.yield() }
            while rig.server.core.answers.count > 0 {
                let other = try await RawPeer.connect(port: rig.port)
                try await other.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                #expect(await other.rest().hasPrefix("HTTP/1.1 200"))
            }
            // What the kernel and the connection hold, and not what the model could have said meanwhile.
            #expect(rig.operations.model.pieces < 100_000)
        }
    }

    @Test func anAnswerThatTakesTooLongIsEnded() async throws {
        try await ServerRig.run({ $0.models.answerTimeout = .milliseconds(50) }) { rig in
            rig.operations.model.say([.piece(.text("Hel")), .hang])
            let whole = try await ChatPeer.ask(rig, ChatPeer.hello)
            #expect(whole.status == 504)
            #expect(whole.error?["code"] == "timeout")
            let streamed = try await ChatPeer.ask(rig, ChatPeer.streamedHello)
            #expect(streamed.status == 200)
            #expect(streamed.events.last?.contains("did not come in time") == true)
        }
    }

    // MARK: Stopping

    @Test func callersAreToldThatTheGatewayStops() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.say([.piece(.text("Hel")), .hang])
            let streamed = try await ChatPeer.open(rig, ChatPeer.streamedHello)
            let whole = try await ChatPeer.open(rig, ChatPeer.hello)
            await rig.operations.model.hung(2)
            await rig.stop()
            // Answers that end by themselves in this moment are whole.
            await rig.clock.sleeper(for: .milliseconds(500))
            rig.clock.advance(by: .milliseconds(500))
            let event = ChatPeer.Answer(await streamed.rest())
            #expect(event.status == 200)
            #expect(event.events.last?.contains("The gateway is stopping") == true)
            #expect(event.text.hasSuffix("0\r\n\r\n"))
            let refusal = ChatPeer.Answer(await whole.rest())
            #expect(refusal.status == 503)
            #expect(refusal.error?["message"]?.string?.hasPrefix("The gateway is stopping") == true)
            guard case .success = await rig.ended() else {
                Issue.record("The server did not end well.")
                return
            }
        }
    }
}
