import AlulaFleet
import AlulaJSON
import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Nothing is wrong: what the others are compared with.
package final class NoFault: Fault {
    package let id = "none"
    package let title = "nothing"

    package init() {}
}

/// Ten thousand agents.
package final class ManyAgentsFault: Fault {
    package let id = "agents"
    package let title = "10,000 agents"
    package let agentCount: Int? = 10_000

    package init() {}
}

/// A FIFO that nobody writes to, in place of one agent's store.
package final class StoreFIFOFault: Fault {
    package let id = "fifo-store"
    package let title = "a FIFO in place of a store"
    package private(set) var effect = FaultEffect()

    package init() {}

    package func prepare(_ scene: Scene) throws {
        effect.broken = [.store(scene.victim)]
        effect.keptStores = [scene.victim]
    }

    package func inject(_ scene: Scene) throws { try scene.putFIFO(scene.fleet.store(of: Fleet.agent(scene.victim))) }
    package func lift(_ scene: Scene) throws { try scene.restoreStore(scene.victim) }
}

/// A FIFO in place of another tool's login.
package final class LoginFIFOFault: Fault {
    private static let path = ".minimax/oauth_creds.json"

    package let id = "fifo-login"
    package let title = "a FIFO in place of a tool's login"
    package let effect = FaultEffect(broken: [.login(path)])

    package init() {}

    package func inject(_ scene: Scene) throws { try scene.putFIFO("\(scene.fleet.home)/\(Self.path)") }
    package func lift(_ scene: Scene) throws { try scene.restoreLogin(Self.path) }
}

/// A FIFO in place of the configuration. What runs, stays.
package final class ConfigurationFIFOFault: Fault {
    package let id = "fifo-config"
    package let title = "a FIFO in place of the configuration"

    private let isFlickering: Bool
    private var next = MonotonicTime.now

    /// - Parameter isFlickering: Whether the configuration comes back in between, so that others can edit it.
    package init(isFlickering: Bool = false) { self.isFlickering = isFlickering }

    package func inject(_ scene: Scene) throws {
        try scene.putFIFO(scene.fleet.configuration)
        next = .now.advanced(byMilliseconds: 1500)
    }

    package func tick(_ scene: Scene) throws {
        guard isFlickering, next <= .now else { return }
        next = .now.advanced(byMilliseconds: 1500)
        if scene.isFIFO(scene.fleet.configuration) {
            try scene.writeConfiguration()
        } else {
            try scene.putFIFO(scene.fleet.configuration)
        }
    }

    package func lift(_ scene: Scene) throws { try scene.writeConfiguration() }
}

/// A FIFO in place of the last snapshot, from before the start on.
package final class SnapshotFIFOFault: Fault {
    package let id = "fifo-snapshot"
    package let title = "a FIFO in place of the snapshot"

    package init() {}

    package func prepare(_ scene: Scene) throws {
        try TextFile.makeDirectory("\(scene.fleet.state)/alula")
        try scene.putFIFO(scene.snapshot)
    }

    package func inject(_ scene: Scene) throws { try scene.putFIFO(scene.snapshot) }
    // What is no file is left alone, so somebody has to take it away.
    package func lift(_ scene: Scene) throws { unlink(scene.snapshot) }
    package func problems(_ scene: Scene) -> [String] { scene.snapshotProblems }
}

/// A login of 200 MB.
package final class LargeLoginFault: Fault {
    private static let path = ".gemini/oauth_creds.json"
    private static let megabytes = 200

    package let id = "large-login"
    package let title = "a login of 200 MB"
    package let effect = FaultEffect(broken: [.login(path)], graceMilliseconds: 2500)

    package init() {}

    package func inject(_ scene: Scene) throws {
        let path = "\(scene.fleet.home)/\(Self.path)"
        let beside = path + ".large"
        try TextFile.write(#"{"access_token":""#, to: beside)
        let piece = String(repeating: "fake-", count: (1 << 20) / 5)
        for _ in 0..<Self.megabytes { try TextFile.append(piece, to: beside) }
        try TextFile.append(#"","refresh_token":"fake-refresh","expiry_date":2000000000000}"#, to: beside)
        guard rename(beside, path) == 0 else {
            throw BenchmarkError(.systemCall, "\(path) can't be replaced (errno \(errno)).")
        }
    }

    package func lift(_ scene: Scene) throws { try scene.restoreLogin(Self.path) }
}

extension Scene {
    package var snapshot: String { "\(fleet.state)/alula/prepared-auth.json" }

    /// What is wrong with the snapshot on disk: it has to be a whole one.
    package var snapshotProblems: [String] {
        // Several look: it is written at most once a second.
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 4000)
        while access(snapshot, F_OK) != 0, MonotonicTime.now < deadline { MonotonicTime.sleep(milliseconds: 50) }
        guard let text = TextFile.read(snapshot) else { return ["there is no snapshot"] }
        do {
            _ = try JSONValue.parse(text)
            return []
        } catch {
            return ["the snapshot on disk is not whole"]
        }
    }
}
