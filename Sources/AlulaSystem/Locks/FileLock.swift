package import AlulaPrimitives
import CAlulaShims
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An exclusive lock that the kernel ties to an open file: it ends with its holder, however that ends.
///
/// The file stays when the lock is gone; its content is only for people.
package final class FileLock: Sendable {
    /// How often a waiter looks again.
    private static let interval = Duration.milliseconds(50)

    private let descriptor: Mutex<Int32?>

    private init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { release() }

    /// Takes the lock if it is free. Blocks the calling thread for file operations only.
    ///
    /// - Parameters:
    ///   - path: Made for its owner only when it is not there; a link is refused.
    ///   - note: The new content of the file.
    /// - Returns: `nil` when somebody else, or another part of this process, holds the lock.
    package static func tryAcquire(_ path: String, note: [UInt8]) throws(SystemError) -> FileLock? {
        BlockingContext.assertAllowed()
        try PathText.check(path)
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
            guard descriptor >= 0 else {
                if errno == ELOOP { throw SystemError(.linkRefused, "The lock file is a symbolic link; remove it.") }
                throw SystemError(.current, while: "open the lock file")
            }
            // From here on the descriptor has an owner that closes it.
            let lock = FileLock(descriptor)
            let identity = try FileIdentity.of(descriptor: descriptor)
            try identity.requireRegular()
            guard alula_try_lock(descriptor) == 0 else {
                let failure = ErrorNumber.current
                switch failure.rawValue {
                case EWOULDBLOCK: return nil
                case EINTR: continue
                default: throw SystemError(failure, while: "lock the file")
                }
            }
            // Somebody may have removed the file between opening and locking: then this lock guards nothing.
            guard try FileIdentity.ofExisting(path, followsLinks: false)?.isSameFile(as: identity) == true else {
                continue
            }
            try lock.write(note, descriptor)
            return lock
        }
    }

    /// Takes the lock as soon as it is free. Blocks the calling thread.
    ///
    /// - Throws: ``SystemError/Code/lockHeld`` at `deadline`.
    package static func acquire(
        _ path: String, note: [UInt8], deadline: Deadline, pause: LockPause = .system
    ) throws(SystemError) -> FileLock {
        while true {
            if let lock = try tryAcquire(path, note: note) { return lock }
            guard !deadline.hasPassed else {
                throw SystemError(.lockHeld, "Another program holds the lock; wait for it to finish.")
            }
            pause.sleep(min(interval, deadline.remaining))
        }
    }

    /// Gives the lock up; doing so again has no effect.
    package func release() {
        descriptor.withLock { descriptor in
            if let held = descriptor {
                // A child that is just being started still has a copy, so closing alone would not end the lock.
                _ = alula_unlock(held)
                close(held)
            }
            descriptor = nil
        }
    }

    private func write(_ note: [UInt8], _ descriptor: Int32) throws(SystemError) {
        guard ftruncate(descriptor, 0) == 0 else { throw SystemError(.current, while: "write the lock file") }
        do throws(ErrorNumber) {
            try Descriptor.writeAll(descriptor, note)
        } catch {
            // A full disk must not keep anybody from a lock whose text is only for people.
            if error.code != .noSpace { throw SystemError(error, while: "write the lock file") }
        }
    }
}
