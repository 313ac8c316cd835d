import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An own directory for one test, removed with everything in it when the test ends.
final class ScratchDirectory: Sendable {
    let path: String

    /// - Parameter isInMemory: Where flushing to the disk costs nothing, when the machine has such a place.
    init(isInMemory: Bool = false) throws {
        let root = isInMemory && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        path = "\(root)/alula-credentials.\(getpid()).\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let path = path
        try BlockingContext.permit { try Directory.make(path) }
    }

    deinit {
        do {
            try BlockingContext.permit { try Self.removeAll(path) }
        } catch {
            Issue.record("Could not remove the test's directory: \(error)")
        }
    }

    private static func removeAll(_ path: String) throws {
        chmod(path, 0o700)
        for entry in try Directory.list(path) {
            let child = "\(path)/\(entry.name)"
            if entry.kind == .directory { try removeAll(child) } else { unlink(child) }
        }
        rmdir(path)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes the directories of `name`, and the file.
    @discardableResult
    func write(_ text: String, to name: String, mode: UInt32 = 0o600) throws -> String {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String, mode: UInt32 = 0o600) throws -> String {
        try makeParents(of: name)
        let descriptor = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            try #require(count > 0)
            written += count
        }
        try #require(fchmod(descriptor, mode_t(mode)) == 0)
        return path(name)
    }

    /// A file of this size without content.
    func writeSparse(bytes: Int, to name: String) throws -> String {
        let path = try write("{", to: name)
        try #require(truncate(path, bytes) == 0)
        return path
    }

    func makePipe(_ name: String) throws -> String {
        try makeParents(of: name)
        try #require(mkfifo(path(name), 0o600) == 0)
        return path(name)
    }

    func link(_ name: String, to target: String) throws -> String {
        try makeParents(of: name)
        try #require(symlink(target, path(name)) == 0)
        return path(name)
    }

    func read(_ name: String) throws -> String {
        try BlockingContext.permit { try FileReader.read(path(name), maximum: .mebibytes(64)).text }
    }

    func exists(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

    /// Name, size, inode, modification time and mode of every file here, to see whether anything was touched.
    func fingerprint(below name: String = "") throws -> [String: FileIdentity] {
        try BlockingContext.permit {
            var found: [String: FileIdentity] = [:]
            for entry in try Directory.list(name.isEmpty ? path : path(name)) {
                let child = name.isEmpty ? entry.name : "\(name)/\(entry.name)"
                found[child] = try FileIdentity.of(path(child), followsLinks: false)
                if entry.kind == .directory { found.merge(try fingerprint(below: child)) { old, _ in old } }
            }
            return found
        }
    }

    private func makeParents(of name: String) throws {
        let path = path(name)
        try BlockingContext.permit { try Directory.make(PathText.directory(of: path)) }
    }
}
