import AlulaFleet
import AlulaJSON
import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A full disk under the snapshot, under one agent's store and under the log.
package final class FullDiskFault: Fault {
    private static let agent = 7

    package let id = "full-disk"
    package let title = "a full disk under snapshot, store and log"
    package let effect = FaultEffect(keptStores: [agent])
    package let milliseconds = 6000.0

    private var next = MonotonicTime.now
    private var found: [String] = []
    private var logBytes = 0
    private var filled: [String] = []

    package init() {}

    package func prepare(_ scene: Scene) throws {
        for path in Self.places(scene) { try scene.mounts.addMemory(path, megabytes: 8) }
        try scene.restoreDirectory(of: Self.agent)
    }

    package func inject(_ scene: Scene) throws {
        for path in Self.places(scene) { try fill(path + "/ballast") }
    }

    /// Somebody logs out, which has to write the store.
    package func tick(_ scene: Scene) throws {
        guard next <= .now else { return }
        next = .now.advanced(byMilliseconds: 1000)
        guard let provider = scene.fleet.providers(of: Self.agent).first else { return }
        do {
            let deadline = MonotonicTime.now.advanced(byMilliseconds: 5000)
            let client = try GatewayConnection(port: scene.fleet.port, token: Fleet.token, deadline: deadline)
            _ = try client.call(
                "models.authLogout",
                ["provider": .string(provider), "agentId": .string(Fleet.agent(Self.agent))], deadline: deadline)
            found.append("a logout succeeded although nothing could be written")
        } catch let error as BenchmarkError {
            if error.code != .refused { found.append("a logout on a full disk was not refused: \(error.message)") }
        }
    }

    package func lift(_ scene: Scene) throws {
        for path in filled { unlink(path) }
        filled = []
        logBytes = TextFile.read(Self.log(scene))?.utf8.count ?? 0
    }

    package func problems(_ scene: Scene) -> [String] {
        var problems = Array(found.prefix(2)) + scene.snapshotProblems
        let store = scene.fleet.store(of: Fleet.agent(Self.agent))
        if TextFile.read(store) != scene.fleet.storeDocument(Self.agent).text() {
            problems.append("the store on the full disk is another than before")
        }
        let log = TextFile.read(Self.log(scene)) ?? ""
        if log.utf8.count <= logBytes { problems.append("nothing was logged after there was room again") }
        let broken = log.split(separator: "\n").count { line in
            do {
                _ = try JSONValue.parse(String(line))
                return false
            } catch {
                return true
            }
        }
        // The one that the disk had no room for any more.
        if broken > 1 { problems.append("\(broken) lines of the log are not whole") }
        return problems
    }

    private static func places(_ scene: Scene) -> [String] {
        ["\(scene.fleet.state)/alula", scene.fleet.directory(of: Fleet.agent(agent)), scene.file("log")]
    }

    private static func log(_ scene: Scene) -> String { scene.file("log/gateway.log") }

    private func fill(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchmarkError(.systemCall, "\(path) can't be made (errno \(errno)).") }
        defer { close(descriptor) }
        filled.append(path)
        let piece = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, piece, piece.count) > 0 {}
        guard errno == ENOSPC else {
            throw BenchmarkError(.systemCall, "\(path) can't be filled (errno \(errno)).")
        }
    }
}
