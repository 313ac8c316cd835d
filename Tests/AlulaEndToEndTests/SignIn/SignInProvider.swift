import AlulaPrimitives
import AlulaSystem
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The provider's process, which plays every provider that one can sign in to.
final class SignInProvider: Sendable {
    private let issuer: ChildSession
    private let port: Int

    init() throws {
        let command = ChildCommand(
            executable: Installation.program + "-refresh-driver", arguments: ["serve"],
            environment: ["PATH": "/usr/bin:/bin"])
        let issuer = try BlockingContext.permit { try ChildSession(command) }
        self.issuer = issuer
        port = try BlockingContext.permit {
            var text = ""
            while !text.hasSuffix("\n") {
                let bytes = try issuer.read(deadline: .after(.seconds(30)))
                guard !bytes.isEmpty else { throw SystemError(.childEnded, "The provider ended.") }
                text += String(decoding: bytes, as: UTF8.self)
            }
            return try #require(Int(text.trimmed().dropFirst("port ".count)))
        }
    }

    deinit { BlockingContext.permit { _ = issuer.terminate() } }

    var variables: [String: String] { ["ALULA_LOGIN_SERVER": "http://127.0.0.1:\(port)"] }

    /// Starts to sign in.
    func login(_ installation: Installation, _ arguments: [String]) throws -> SignInProgram {
        try SignInProgram(installation, arguments, variables)
    }

    /// Where a browser ends that opens `address`.
    func destination(of address: String) async throws -> String {
        let answer = try await get(address)
        #expect(answer.hasPrefix("HTTP/1.1 302"), "\(answer)")
        return String(answer.range(after: "location: ").prefix { !$0.isNewline })
    }

    /// Opens `address` and goes where the provider sends the browser.
    ///
    /// - Returns: What is shown there.
    func browse(to address: String) async throws -> String { try await get(try await destination(of: address)) }

    /// Asks a server on this machine.
    func get(_ address: String) async throws -> String {
        let rest = address.dropFirst("http://127.0.0.1:".count)
        let port = try #require(Int(rest.prefix { $0.isNumber }))
        let target = rest.drop { $0.isNumber }
        return try await Installation.pool.run("browse", deadline: .after(.seconds(60))) {
            try RawSocket.exchange("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n", port: port)
        }
    }

    /// The address in what the program has said.
    static func address(in text: String) -> String {
        "http://" + text.range(after: "  http://").prefix { !$0.isWhitespace }
    }
}

/// `alula models auth login`, under way.
final class SignInProgram: Sendable {
    private let session: ChildSession
    private let installation: Installation
    private let output: String
    /// What it has said so far that is no data.
    private let said = Mutex("")

    init(_ installation: Installation, _ arguments: [String], _ variables: [String: String]) throws {
        self.installation = installation
        output = "\(installation.home)/output.\(UInt32.random(in: .min ... .max))"
        // The shell sends data to a file and what is none here, and then is the program.
        let line = ([Installation.program] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let command = ChildCommand(
            executable: "/bin/sh", arguments: ["-c", "exec \(line) 2>&1 >'\(output)'"],
            environment: installation.variables.merging(variables) { $1 }, workingDirectory: installation.home)
        session = try BlockingContext.permit { try ChildSession(command) }
    }

    deinit { BlockingContext.permit { _ = session.terminate() } }

    func signal(_ number: Int32) { kill(session.pid, number) }

    /// Waits until the address is shown and somebody waits for the browser.
    func address() async throws -> String {
        SignInProvider.address(in: try await said { $0.contains("paste the address") })
    }

    /// Waits until it has said what is wanted.
    func said(_ isWanted: @escaping @Sendable (String) -> Bool) async throws -> String {
        try await Installation.pool.run("wait for a word", deadline: .after(.seconds(60))) { [self] in
            while true {
                let text = said.withLock { $0 }
                if isWanted(text) { return text }
                guard try read() else { throw SystemError(.childEnded, "It ended: \(text)") }
            }
        }
    }

    func paste(_ text: String) async throws {
        try await Installation.pool.run("paste", deadline: .after(.seconds(60))) { [session] in
            try session.write(Array(text.utf8), deadline: .after(.seconds(50)))
        }
    }

    /// Waits for the end.
    func end() async throws -> (status: ChildStatus?, output: String, errors: String) {
        try await Installation.pool.run("wait for the end", deadline: .after(.seconds(100))) { [self] in
            while try read() {}
            let status = session.waitForEnd(until: .after(.seconds(10)))
            return (status, installation.read(output), said.withLock { $0 })
        }
    }

    /// - Returns: Whether there may be more.
    private func read() throws -> Bool {
        let bytes = try session.read(deadline: .after(.seconds(50)))
        said.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
        return !bytes.isEmpty
    }
}
