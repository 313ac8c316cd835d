import AlulaPrimitives
package import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Looks at the real machine, on the blocking pool.
package struct SystemFileInspector: FileInspecting {
    private static let patience = Duration.seconds(2)

    private let pool: BlockingPool

    package init(pool: BlockingPool) { self.pool = pool }

    package func inspect(_ path: String) async throws -> FileInspection? {
        try await pool.run("look at a file", deadline: .after(Self.patience)) {
            try FileIdentity.ofExisting(path).map { identity in
                FileInspection(
                    kind: identity.kind == .regular ? .file : identity.kind == .directory ? .directory : .other,
                    mode: identity.mode & 0o777, isOwn: identity.uid == getuid(),
                    size: ByteCount(bytes: Int(identity.size)))
            }
        }
    }

    package func isPortInUse(_ port: Int) async -> Bool {
        guard let number = UInt16(exactly: port), number > 0 else { return false }
        do {
            return try await pool.run("try a port", deadline: .after(Self.patience)) { Self.accepts(number) }
        } catch {
            // What does not answer in time is nothing that could be told about.
            return false
        }
    }

    package func watchLimits() async -> (watches: Int, instances: Int)? {
        let directory = "/proc/sys/fs/inotify"
        do {
            return try await pool.run("read limits", deadline: .after(Self.patience)) {
                guard let watches = Self.number(in: "\(directory)/max_user_watches"),
                    let instances = Self.number(in: "\(directory)/max_user_instances")
                else { return nil }
                return (watches, instances)
            }
        } catch {
            // What does not answer in time is nothing that could be told about.
            return nil
        }
    }

    /// The number in one of the kernel's files, which are read in one go because they state no size. `nil` on systems
    /// that have no such file. Blocks the calling thread.
    private static func number(in path: String) -> Int? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count], as: UTF8.self).trimmed())
    }

    /// Whether something on this machine takes a connection. Blocks the calling thread.
    private static func accepts(_ port: UInt16) -> Bool {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
