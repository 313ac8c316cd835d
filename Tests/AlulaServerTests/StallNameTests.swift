import AlulaSystem
import Synchronization
import Testing

@testable import AlulaServer

/// Work on an event loop, or on the pool that routes run on, has a name while it runs.
@Suite(.timeLimit(.minutes(5)))
struct StallNameTests {
    @Test func whoeverHoldsARouteUpIsNamed() async throws {
        try await ServerRig.run { rig in
            let seen = Self.note(rig)
            let connection = try await RawPeer.connect(port: rig.port)
            try await connection.write("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            _ = await connection.rest()
            #expect(seen.names == ["GET /readyz"])
        }
    }

    @Test func whoeverHoldsAConnectUpIsNamed() async throws {
        try await ServerRig.run { rig in
            let seen = Self.note(rig)
            _ = try await rig.admitted()
            #expect(seen.names == ["connect"])
        }
    }

    /// What the thread is busy with, as another sees it, at the moment at which an operation holds it up.
    private static func note(_ rig: ServerRig) -> Sightings {
        let sightings = Sightings()
        rig.operations.interruption.withLock { interruption in
            interruption = { sightings.add(WorkRegister.current(of: WorkRegister.callingThread)) }
        }
        return sightings
    }

    private final class Sightings: Sendable {
        private let labels = Mutex<[String]>([])

        var names: [String] { labels.withLock { $0 } }

        func add(_ entry: WorkRegister.Entry?) { labels.withLock { $0.append(entry?.label.description ?? "none") } }
    }
}
