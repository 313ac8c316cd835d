import AlulaFleet
import AlulaJSON
import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Nothing is wrong: what the others are compared with.
final class NoFault: Fault {
    let id = "none"
    let title = "nothing"
}

/// Ten thousand agents.
final class ManyAgentsFault: Fault {
    let id = "agents"
    let title = "10,000 agents"
    let agentCount: Int? = 10_000
}

/// A FIFO that nobody writes to, in place of one agent's store.
final class StoreFIFOFault: Fault {
    let id = "fifo-store"
    let title = "a FIFO in place of a store"
    private(set) var effect = FaultEffect()

    func prepare(_ scene: Scene) throws {
        effect.broken = [.store(scene.victim)]
        effect.keptStores = [scene.victim]
    }

    func inject(_ scene: Scene) throws { try scene.putFIFO(scene.fleet.store(of: Fleet.agent(scene.victim))) }
    func lift(_ scene: Scene) throws { try scene.restoreStore(scene.victim) }
}

/// A FIFO in place of another tool's login.
final class LoginFIFOFault: Fault {
    private static let path = ".minimax/oauth_creds.json"

    let id = "fifo-login"
    let title = "a FIFO in place of a tool's login"
    let effect = FaultEffect(broken: [.login(path)])

    func inject(_ scene: Scene) throws { try scene.putFIFO("\(scene.fleet.home)/\(Self.path)") }
    func lift(_ scene: Scene) throws { try scene.restoreLogin(Self.path) }
}

/// A FIFO in place of the configuration. What runs, stays.
final class ConfigurationFIFOFault: Fault {
    let id = "fifo-config"
    let title = "a FIFO in place of the configuration"

    private let isFlickering: Bool
    private var next = MonotonicTime.now

    /// - Parameter isFlickering: Whether the configuration comes back in between, so that others can edit it.
    init(isFlickering: Bool = false) { self.isFlickering = isFlickering }

    func inject(_ scene: Scene) throws {
        try scene.putFIFO(scene.fleet.configuration)
        next = .now.advanced(byMilliseconds: 1500)
    }

    func tick(_ scene: Scene) throws {
        guard isFlickering, next <= .now else { return }
        next = .now.advanced(byMilliseconds: 1500)
        if scene.isFIFO(scene.fleet.configuration) {
            try scene.writeConfiguration()
        } else {
            try scene.putFIFO(scene.fleet.configuration)
        }
    }

    func lift(_ scene: Scene) throws { try scene.writeConfiguration() }
}

/// A FIFO in place of the last snapshot, from before the start on.
final class SnapshotFIFOFault: Fault {
    let id = "fifo-snapshot"
    let title = "a FIFO in place of the snapshot"

    func prepare(_ scene: Scene) throws {
        try TextFile.makeDirectory("\(scene.fleet.state)/alula")
        try scene.putFIFO(scene.snapshot)
    }

    func inject(_ scene: Scene) throws { try scene.putFIFO(scene.snapshot) }
    // What is no file is left alone, so somebody has to take it away.
    func lift(_ scene: Scene) throws { unlink(scene.snapshot) }
    func problems(_ scene: Scene) -> [String] { scene.snapshotProblems }
}

/// A login of 200 MB.
final class LargeLoginFault: Fault {
    private static let path = ".gemini/oauth_creds.json"
    private static let megabytes = 200

    let id = "large-login"
    let title = "a login of 200 MB"
    let effect = FaultEffect(broken: [.login(path)], graceMilliseconds: 2500)

    func inject(_ scene: Scene) throws {
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

    func lift(_ scene: Scene) throws { try scene.restoreLogin(Self.path) }
}

extension Scene {
    var snapshot: String { "\(fleet.state)/alula/prepared-auth.json" }

    /// What is wrong with the snapshot on disk: it has to be a whole one.
    var snapshotProblems: [String] {
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
