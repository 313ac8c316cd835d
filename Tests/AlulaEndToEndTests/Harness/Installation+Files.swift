import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Installation {
    /// Runs a line of shell.
    func shell(_ line: String) async throws -> CommandResult {
        try await run(
            ChildCommand(
                executable: "/bin/sh", arguments: ["-c", line], environment: variables, workingDirectory: home),
            input: "")
    }

    /// The names in the state directory, sorted.
    func names(in directory: String? = nil) -> [String] {
        do {
            return try BlockingContext.permit { try Directory.list(directory ?? state).map(\.name) }
        } catch {
            Issue.record(error)
            return []
        }
    }

    /// Whether there is such a file.
    func has(_ path: String) -> Bool { access(path.hasPrefix("/") ? path : "\(state)/\(path)", F_OK) == 0 }

    /// The rights of a file in the state directory.
    func mode(_ name: String) -> UInt32? {
        do {
            return try BlockingContext.permit { try FileIdentity.of("\(state)/\(name)").mode }
        } catch {
            Issue.record(error)
            return nil
        }
    }
}
