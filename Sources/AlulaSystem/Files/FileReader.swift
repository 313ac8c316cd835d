package import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The bytes of a file, and which file in which state they came from.
package struct FileContents: Sendable {
    package let bytes: [UInt8]
    /// As it was just before the bytes were read: a write meanwhile makes a later look differ.
    package let identity: FileIdentity

    /// The bytes as UTF-8; what is none becomes U+FFFD.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Reads whole files with bounds, and never waits for a pipe, a terminal or a device.
package enum FileReader {
    /// What a file must be like besides being a regular file.
    package struct Requirements: Hashable, Sendable {
        /// Refuse a path whose last component is a symbolic link.
        package var refusesLinks: Bool
        /// The file must belong to the user this process runs as.
        package var isOwned: Bool
        /// Neither group nor others may have any right.
        package var isPrivate: Bool

        package init(refusesLinks: Bool = false, isOwned: Bool = false, isPrivate: Bool = false) {
            self.refusesLinks = refusesLinks
            self.isOwned = isOwned
            self.isPrivate = isPrivate
        }
    }

    /// How long a file may be kept closed by a ``FileLease``.
    private static let leasePatience = Duration.seconds(5)

    /// Reads the regular file at `path`. Blocks the calling thread.
    ///
    /// - Parameter maximum: The bound; a longer file is ``SystemError/Code/tooLarge`` and not read.
    /// - Throws: A code for each thing that a path may be instead (``SystemError/Code/notFound``,
    ///   ``SystemError/Code/danglingLink``, ``SystemError/Code/linkLoop``, ``SystemError/Code/isPipe``, …).
    package static func read(
        _ path: String, maximum: ByteCount, requirements: Requirements = Requirements()
    ) throws(SystemError) -> FileContents {
        let (descriptor, identity) = try opened(path, requirements)
        defer { close(descriptor) }
        guard identity.size <= maximum.bytes else { throw tooLarge(maximum) }
        return FileContents(bytes: try readAll(descriptor, identity.size, maximum), identity: identity)
    }

    /// Opens the regular file at `path` and looks at it, so that also a file system that keeps for a while what it knows of
    /// a file looks again. Blocks the calling thread.
    ///
    /// - Throws: As ``read(_:maximum:requirements:)``.
    package static func look(
        at path: String, requirements: Requirements = Requirements()
    ) throws(SystemError) -> FileIdentity {
        let (descriptor, identity) = try opened(path, requirements)
        close(descriptor)
        return identity
    }

    /// The caller closes the descriptor.
    private static func opened(
        _ path: String, _ requirements: Requirements
    ) throws(SystemError) -> (descriptor: Int32, identity: FileIdentity) {
        BlockingContext.assertAllowed()
        // Opening a device can have effects, so what it is gets asked before and, against a swap, again after.
        let before = try FileIdentity.of(path, followsLinks: !requirements.refusesLinks)
        try before.requireRegular()

        let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (requirements.refusesLinks ? O_NOFOLLOW : 0)
        let descriptor = try openWhenLet(path, flags)
        do throws(SystemError) {
            let identity = try FileIdentity.of(descriptor: descriptor)
            try identity.requireRegular()
            try check(identity, requirements)
            return (descriptor, identity)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// As ``read(_:maximum:requirements:)``, or `nil` when nothing is there. Blocks the calling thread.
    package static func readExisting(
        _ path: String, maximum: ByteCount, requirements: Requirements = Requirements()
    ) throws(SystemError) -> FileContents? {
        do throws(SystemError) {
            return try read(path, maximum: maximum, requirements: requirements)
        } catch {
            switch error.code {
            case .notFound, .notDirectory: return nil
            default: throw error
            }
        }
    }

    /// Opens without waiting for pipes and the like, but waits for a lease: who holds one is about to let go of it.
    private static func openWhenLet(_ path: String, _ flags: Int32) throws(SystemError) -> Int32 {
        let end = Deadline.after(leasePatience)
        while true {
            let descriptor = open(path, flags)
            if descriptor >= 0 { return descriptor }
            let failure = ErrorNumber.current
            guard failure.rawValue == EWOULDBLOCK, !end.hasPassed else {
                throw PathText.failure(failure, path: path, while: "open the file")
            }
            SystemThread.sleep(for: .milliseconds(1))
        }
    }

    private static func check(_ identity: FileIdentity, _ requirements: Requirements) throws(SystemError) {
        if requirements.isOwned, identity.uid != geteuid() {
            throw SystemError(.wrongOwner, "The file belongs to another user; make it yours with chown.")
        }
        if requirements.isPrivate, identity.mode & 0o077 != 0 {
            throw SystemError(.tooPermissive, "Other users have rights on the file; take them away with chmod 600.")
        }
    }

    private static func tooLarge(_ maximum: ByteCount) -> SystemError {
        SystemError(.tooLarge, "The file is larger than the \(maximum) that are read of it.")
    }

    /// Reads to the end, which may lie beyond `size`: files of `/proc` say zero, and others grow.
    private static func readAll(
        _ descriptor: Int32, _ size: Int64, _ maximum: ByteCount
    ) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        // One byte more than expected finds the end without another round.
        var room = min(Int(size), maximum.bytes) + 1
        while true {
            let part: [UInt8]
            do throws(ErrorNumber) {
                part = try Descriptor.read(descriptor, maximum: room)
            } catch {
                throw SystemError(error, while: "read the file")
            }
            if part.isEmpty { return bytes }
            if bytes.isEmpty { bytes = part } else { bytes += part }
            guard bytes.count <= maximum.bytes else { throw tooLarge(maximum) }
            room = max(room - part.count, 16 << 10)
        }
    }
}
