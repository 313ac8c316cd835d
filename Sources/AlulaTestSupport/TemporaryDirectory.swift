import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A directory of a test's own, gone with the value's last reference.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        path = "\(base)/alula-test-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        try BlockingContext.permit { try Directory.make(path) }
    }

    deinit { Self.remove(path) }

    /// The path of `name` below this directory.
    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes `text` in place and returns the path.
    @discardableResult
    package func write(_ name: String, _ text: String, mode: UInt32 = 0o600) throws -> String {
        let descriptor = open(self(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw SystemError(ErrorNumber.current, while: "open a test's file") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard bytes.withUnsafeBytes({ Self.write(descriptor, $0) }) == bytes.count else {
            throw SystemError(ErrorNumber.current, while: "write a test's file")
        }
        return self(name)
    }

    /// The text at `name`.
    package func text(_ name: String) throws -> String {
        try BlockingContext.permit { try FileReader.read(self(name), maximum: .mebibytes(16)).text }
    }

    /// The names in this directory.
    package var names: [String] {
        get throws { try BlockingContext.permit { try Directory.list(path).map(\.name) } }
    }

    /// The system's `write`, which this class's own hides.
    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    private static func remove(_ path: String) {
        BlockingContext.permit {
            do {
                try Directory.removeAll(path)
            } catch {
                // Left for the system's own cleaning.
            }
        }
    }
}
