import AlulaJSON
import Synchronization
import Testing

@testable import AlulaServer

/// Sockets that say nothing hold a bounded number of places.
@Suite(.timeLimit(.minutes(5)))
struct SilentSocketsTests {
    @Test func theOneThatHasBeenSilentLongestMakesRoom() {
        let closed = Mutex<[Int]>([])
        let sockets = SilentSockets(maximum: 3)
        let places = (0..<5).map { number in
            sockets.enter("203.0.113.7") { closed.withLock { $0.append(number) } }
        }
        #expect(closed.withLock { $0 } == [0, 1])
        #expect(sockets.count(of: "203.0.113.7") == 3)
        // Others have places of their own.
        let other = sockets.enter("203.0.113.8") { closed.withLock { $0.append(9) } }
        #expect(closed.withLock { $0 } == [0, 1])
        for place in places + [other] {
            sockets.leave(place)
            sockets.leave(place)
        }
        #expect(sockets.count(of: "203.0.113.7") == 0)
        #expect(sockets.count(of: "203.0.113.8") == 0)
    }

    @Test func aCrowdOfThemLosesItsOldestAndClientsComeIn() async throws {
        try await ServerRig.run({ $0.maximumSilentPerAddress = 4 }) { rig in
            let oldest = try await RawPeer.connect(port: rig.port)
            // Sockets are taken up on several loops, so in no order unless one waits for it.
            while rig.server.core.silent.count(of: "127.0.0.1") == 0 { await Task.yield() }
            var others: [RawPeer] = []
            for _ in 0..<4 { others.append(try await RawPeer.connect(port: rig.port)) }
            #expect(await oldest.rest().isEmpty)
            // A client that has spoken holds no place any more.
            var clients: [RawPeer] = []
            for _ in 0..<8 { clients.append(try await rig.admitted()) }
            for (number, client) in clients.enumerated() {
                try await client.send(ServerRig.request("\(number)", "health"))
                #expect(try await client.answer(to: "\(number)")?["ok"] == true)
            }
            _ = others
        }
    }
}
