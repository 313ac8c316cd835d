import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A directory of a test's own, gone with the value's last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        path = "\(base)/alula-test-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        try BlockingContext.permit { try Directory.make(path) }
    }

    deinit { Self.remove(path) }

    /// The path of `name` below this directory.
    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes `text` in place and returns the path.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let descriptor = open(self(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let count = Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        try #require(count == text.utf8.count)
        return self(name)
    }

    /// The text at `name`.
    func text(_ name: String) throws -> String {
        try BlockingContext.permit { try FileReader.read(self(name), maximum: .mebibytes(16)).text }
    }

    /// The names in this directory.
    var names: [String] {
        get throws { try BlockingContext.permit { try Directory.list(path).map(\.name) } }
    }

    private static func remove(_ path: String) {
        BlockingContext.permit {
            do {
                for entry in try Directory.list(path) {
                    let child = "\(path)/\(entry.name)"
                    if entry.kind == .directory { remove(child) } else { unlink(child) }
                }
                rmdir(path)
            } catch {
                // Left for the system's own cleaning.
            }
        }
    }
}
