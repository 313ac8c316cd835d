import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The provider's process, and one state directory that many processes renew a login in.
final class RenewalPrograms: Sendable {
    /// Agents with copies of the login, which each process opens it for.
    let agents: [String]
    static let profile = "chutes:me"

    private static let driver = Installation.program + "-refresh-driver"
    private let issuer: ChildSession
    private let port: Int

    init(agents: Int = 8, grace: Bool = false, delayMilliseconds: Int = 0) throws {
        self.agents = (0..<agents).map { "a\($0)" }
        let command = ChildCommand(
            executable: Self.driver,
            arguments: ["serve", "--delay", "\(delayMilliseconds)"] + (grace ? ["--grace"] : []),
            environment: ["PATH": "/usr/bin:/bin"])
        let issuer = try BlockingContext.permit { try ChildSession(command) }
        self.issuer = issuer
        let line = try Self.line(of: issuer)
        port = try #require(Int(line.dropFirst("port ".count)))
    }

    deinit { BlockingContext.permit { _ = issuer.terminate() } }

    /// What the provider says about a family: exchanges, refusals, and whether it is revoked.
    func family(_ name: String) async throws -> [Int] {
        let command = ChildCommand(
            executable: "/bin/bash",
            arguments: [
                "-c",
                "exec 3<>/dev/tcp/127.0.0.1/\(port); printf 'GET /families/\(name) HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3",
            ], environment: ["PATH": "/usr/bin:/bin"])
        let outcome = try await Installation.pool.run("ask the provider", deadline: .after(.seconds(30))) {
            try ChildProcess.run(command, limits: ChildLimits(deadline: .after(.seconds(20))))
        }
        let text = String(decoding: outcome.output, as: UTF8.self)
        return text.split(separator: "\r\n").last.map { $0.split(separator: " ").compactMap { Int($0) } } ?? []
    }

    // MARK: Stores

    private var owners: [String] { agents + ["main"] }

    /// Gives everybody a copy of the login, whose access token has ended.
    func prepare(_ installation: Installation, family: String) throws {
        for agent in owners {
            try installation.write(
                "agents/\(agent)/agent/auth-profiles.json",
                #"{"version":1,"profiles":{"\#(Self.profile)":{"type":"oauth","provider":"chutes","later":[1.50],"#
                    + #""access":"access-\#(family)-0","refresh":"fake-\#(family)-0","expires":1000}},"odd":true}"#)
        }
    }

    /// The refresh tokens of all copies.
    func tokens(_ installation: Installation) throws -> Set<String> {
        Set(
            try owners.map { agent in
                let store = try JSONValue.parse(installation.read("agents/\(agent)/agent/auth-profiles.json"))
                #expect(store["odd"] == true)
                let entry = store["profiles"]?[Self.profile]
                #expect(entry?["later"]?.text() == "[1.50]")
                return entry?["refresh"]?.string ?? "none"
            })
    }

    // MARK: Processes

    /// A process that opens the login for every agent once it is let go.
    func process(_ installation: Installation, shim: [String: String] = [:]) throws -> ChildSession {
        try BlockingContext.permit {
            let session = try ChildSession(
                ChildCommand(
                    executable: Self.driver,
                    arguments: ["open", installation.state, "http://127.0.0.1:\(port)/token", Self.profile]
                        + agents,
                    environment: installation.variables.merging(shim) { $1 }))
            return session
        }
    }

    static func awaitReady(_ session: ChildSession) throws { #expect(try line(of: session) == "ready") }

    /// Everything that `session` prints until its end, and how it ended.
    static func end(_ session: ChildSession) async throws -> (lines: [String], status: ChildStatus?) {
        try await Installation.pool.run("wait for a process", deadline: .after(.seconds(150))) {
            session.closeInput()
            var output: [UInt8] = []
            while true {
                let bytes = try session.read(deadline: .after(.seconds(140)))
                if bytes.isEmpty { break }
                output += bytes
            }
            let status = session.waitForEnd(until: .after(.seconds(10)))
            return (String(decoding: output, as: UTF8.self).split(separator: "\n").map { String($0) }, status)
        }
    }

    private static func line(of session: ChildSession) throws -> String {
        try BlockingContext.permit {
            var text: [UInt8] = []
            while text.last != UInt8(ascii: "\n") {
                let bytes = try session.read(maximum: ByteCount(bytes: 1), deadline: .after(.seconds(30)))
                guard !bytes.isEmpty else { throw SystemError(.childEnded, "The driver ended.") }
                text += bytes
            }
            return String(decoding: text.dropLast(), as: UTF8.self)
        }
    }
}
