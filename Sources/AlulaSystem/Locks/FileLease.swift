import CAlulaShims
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Keeps others from opening one file while something is decided about it: the kernel makes them wait, and lets them go
/// on when the lease ends, however that happens.
///
/// Hold it for moments only. Programs that don't wait for files meet "try again" meanwhile, and the kernel ends a lease
/// by itself that somebody has been waiting for for long (45 s as systems come). Other users' files, some file systems
/// and other systems than Linux know no leases.
package final class FileLease: Sendable {
    /// Whom a lease keeps out.
    package enum Kind: Sendable {
        /// Who wants to write; reading goes on.
        case writers
        /// Everybody.
        case everybody
    }

    private let descriptor: Mutex<Int32?>
    private let isExclusive: Bool
    /// The file that it is about.
    package let identity: FileIdentity

    private init(_ descriptor: Int32, isExclusive: Bool, _ identity: FileIdentity) {
        self.descriptor = Mutex(descriptor)
        self.isExclusive = isExclusive
        self.identity = identity
    }

    deinit { release() }

    /// Takes a lease on the file at `path`, a link not followed. Blocks the calling thread for file operations only.
    ///
    /// - Returns: `nil` where there are no leases.
    /// - Throws: ``SystemError/Code/lockHeld`` while somebody has the file open as the lease would forbid it.
    package static func take(_ path: String, against kind: Kind) throws(SystemError) -> FileLease? {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        let isExclusive = kind == .everybody
        let flags = (isExclusive ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
        let descriptor = open(path, flags)
        guard descriptor >= 0 else {
            if errno == EWOULDBLOCK { throw held }
            throw PathText.failure(.current, path: path, while: "open the file")
        }
        // From here on the descriptor has an owner that closes it.
        let lease = FileLease(descriptor, isExclusive: isExclusive, try identity(descriptor))
        try lease.identity.requireRegular()
        if alula_take_lease(descriptor, isExclusive ? 1 : 0) == 0 { return lease }
        guard errno == EWOULDBLOCK else { return nil }
        throw held
    }

    /// Whether somebody waits for the end of it.
    package var isWanted: Bool {
        descriptor.withLock { $0.map { alula_lease_is_wanted($0, isExclusive ? 1 : 0) != 0 } ?? false }
    }

    /// Gives the file another content, for those who wait. Only for a lease against everybody.
    package func fill(_ bytes: [UInt8]) throws(SystemError) {
        BlockingContext.assertAllowed()
        guard let descriptor = descriptor.withLock({ $0 }) else { return }
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw SystemError(.current, while: "write the file")
        }
        do throws(ErrorNumber) {
            try Descriptor.writeAll(descriptor, bytes)
        } catch {
            throw SystemError(error, while: "write the file")
        }
    }

    /// Lets everybody in; doing so again has no effect.
    package func release() {
        descriptor.withLock { descriptor in
            if let held = descriptor {
                // A child that is just being started still has a copy, so closing alone would not end the lease.
                _ = alula_end_lease(held)
                close(held)
            }
            descriptor = nil
        }
    }

    private static func identity(_ descriptor: Int32) throws(SystemError) -> FileIdentity {
        do throws(SystemError) {
            return try .of(descriptor: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static let held = SystemError(.lockHeld, "Another program has the file open; wait for it to finish.")
}
