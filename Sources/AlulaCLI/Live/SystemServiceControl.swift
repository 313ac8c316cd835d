import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs the machine's own programs.
struct SystemServiceControl: ServiceControlling {
    /// What a program still gets to end in, once its deadline has passed.
    private static let grace = Duration.seconds(1)
    private static let maximumUnit = ByteCount.kibibytes(64)

    let pool: BlockingPool
    /// The process's environment; the programs get it, since it says where the user's systemd listens.
    let variables: [String: String]

    /// Where this program lies. The name by which it starts itself means another program wherever somebody else reads it.
    var executable: String {
        let own = ChildProcess.ownExecutable
        // The kernel's own link: nothing is waited for.
        do { return try BlockingContext.permit { try Directory.linkTarget(own) } ?? own } catch { return own }
    }

    func run(_ program: String, _ arguments: [String], deadline: Deadline) async throws -> ServiceReply? {
        let variables = variables
        return try await pool.run("run a service program", deadline: .after(deadline.remaining + Self.grace)) {
            guard let path = Self.find(program, variables["PATH"] ?? "/usr/bin:/bin") else { return nil }
            let command = ChildCommand(executable: path, arguments: arguments, environment: variables)
            let outcome = try ChildProcess.run(command, limits: ChildLimits(deadline: deadline))
            let status: Int32 = if case .exited(let code) = outcome.status { code } else { -1 }
            return ServiceReply(
                status: status, output: String(decoding: outcome.output, as: UTF8.self),
                errors: String(decoding: outcome.errorOutput, as: UTF8.self))
        }
    }

    func read(_ path: String) async throws -> String? {
        try await pool.run("read the unit", deadline: .after(.seconds(10))) {
            try FileReader.readExisting(path, maximum: Self.maximumUnit)?.text
        }
    }

    func write(_ text: String, to path: String) async throws {
        try await pool.run("write the unit", deadline: .after(.seconds(10))) {
            try Directory.make(PathText.directory(of: path))
            _ = try DurableFile.replace(path, with: Array(text.utf8))
        }
    }

    func remove(_ path: String) async throws {
        try await pool.run("remove the unit", deadline: .after(.seconds(10))) {
            try DurableFile.remove(path)
        }
    }

    private static func find(_ program: String, _ path: String) -> String? {
        path.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }
}
