import AlulaAuth
import AlulaPrimitives
import AlulaState
import AlulaSystem
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A home of its own with a state directory for one test, removed with everything in it when the test ends.
final class Installation: Sendable {
    let home: String
    let layout: StateLayout

    init(_ configuration: String? = nil) throws {
        let home = "/tmp/alula-gateway.\(getpid()).\(String(UInt64.random(in: .min ... .max), radix: 36))"
        self.home = home
        layout = StateLayout(
            variables: ["HOME": home, "OPENCLAW_STATE_DIR": "\(home)/state"], currentDirectory: home,
            exists: { _ in false })
        try BlockingContext.permit { try Directory.make(home) }
        if let configuration { try write(configuration, to: "state/openclaw.json") }
    }

    deinit {
        do {
            try BlockingContext.permit { try Directory.removeAll(home) }
        } catch {
            Issue.record("Could not remove the test's directory: \(error)")
        }
    }

    func path(_ name: String) -> String { "\(home)/\(name)" }

    /// Puts a file in place at once, as editors do.
    @discardableResult
    func write(_ text: String, to name: String, mode: UInt32 = 0o600) throws -> String {
        try BlockingContext.permit {
            try Directory.make(PathText.directory(of: path(name)))
            _ = try DurableFile.replace(path(name), with: Array(text.utf8), mode: mode)
        }
        return path(name)
    }

    /// Stores `profiles` as the logins of `agent`.
    func store(_ profiles: String, agent: AgentID = .main) throws {
        try write(
            #"{"version":1,"profiles":{\#(profiles)}}"#, to: "state/agents/\(agent)/agent/auth-profiles.json")
    }

    func read(_ name: String) throws -> String {
        try BlockingContext.permit { try FileReader.read(path(name), maximum: .mebibytes(64)).text }
    }

    func loader(_ variables: [String: String] = [:]) -> StateLoader {
        StateLoader(layout: layout, variables: variables, currentDirectory: "\(home)/work")
    }

    func load(
        _ variables: [String: String] = [:], previous: LoadedState? = nil, acceptsBlank: Bool = true
    ) -> LoadedState {
        BlockingContext.permit { loader(variables).load(previous: previous?.loaded, acceptsBlank: acceptsBlank) }
    }

    /// Identity of every file and directory, to see whether anything was touched.
    func fingerprint(below name: String = "") throws -> [String: FileIdentity] {
        try BlockingContext.permit {
            var found: [String: FileIdentity] = [:]
            for entry in try Directory.list(name.isEmpty ? home : path(name)) {
                let child = name.isEmpty ? entry.name : "\(name)/\(entry.name)"
                found[child] = try FileIdentity.of(path(child), followsLinks: false)
                if entry.kind == .directory { found.merge(try fingerprint(below: child)) { old, _ in old } }
            }
            return found
        }
    }
}
