#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Why the operating system, or a bound of ours, did not let something happen.
package struct SystemError: Error, Sendable {
    /// Raw values are stable: they appear on the wire, in logs and as a metric dimension.
    package enum Code: String, CaseIterable, Sendable {
        // Waiting.
        case deadlineExceeded = "deadline_exceeded"
        case poolSaturated = "pool_saturated"
        case poolShutDown = "pool_shut_down"
        // Names.
        case notFound = "not_found"
        case danglingLink = "dangling_link"
        case linkLoop = "link_loop"
        case linkRefused = "link_refused"
        case notDirectory = "not_a_directory"
        case invalidPath = "invalid_path"
        case alreadyExists = "already_exists"
        // Kinds of file that are no regular file.
        case isDirectory = "is_directory"
        case isPipe = "is_pipe"
        case isSocket = "is_socket"
        case isDevice = "is_device"
        // Rights.
        case notPermitted = "not_permitted"
        case wrongOwner = "wrong_owner"
        case tooPermissive = "too_permissive"
        case readOnlyFileSystem = "read_only_file_system"
        // Amounts.
        case tooLarge = "too_large"
        case tooManyEntries = "too_many_entries"
        case noSpace = "no_space"
        case noResources = "no_resources"
        // Child processes.
        case cannotStart = "cannot_start"
        case silent = "silent"
        case outputTooLarge = "output_too_large"
        case childEnded = "child_ended"
        // Locks.
        case lockHeld = "lock_held"
        // The rest.
        case unsupported = "unsupported"
        case inputOutput = "input_output"
    }

    package let code: Code
    /// One sentence for the person who asked: what happened and what to do. No paths and no contents.
    package let message: String
    /// The cause, for the log only.
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// Translates the error number of a failed system call; its own text goes to ``underlying``.
    ///
    /// - Parameter action: What was tried, to follow "Could not": `open the file`.
    package init(_ number: ErrorNumber, while action: String) {
        let code = number.code
        self.init(code, "Could not \(action): \(number.explanation).", underlying: number)
    }
}

/// The `errno` of a failed system call.
package struct ErrorNumber: Error, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Int32

    package init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// The number that the calling thread's last failed call left.
    package static var current: ErrorNumber { ErrorNumber(errno) }

    /// The C library's text with the number, for the log.
    package var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let text = buffer.baseAddress else { return "error \(rawValue)" }
            buffer.initialize(repeating: 0)
            _ = strerror_r(rawValue, text, buffer.count - 1)
            return "\(String(cString: text)) (\(rawValue))"
        }
    }

    /// The code that callers branch on.
    package var code: SystemError.Code {
        switch rawValue {
        case ENOENT: .notFound
        case ENOTDIR: .notDirectory
        case ELOOP: .linkLoop
        case ENAMETOOLONG, EINVAL: .invalidPath
        case EEXIST: .alreadyExists
        case EISDIR: .isDirectory
        case EACCES, EPERM: .notPermitted
        case EROFS: .readOnlyFileSystem
        case ENOSPC, EDQUOT: .noSpace
        case EFBIG: .tooLarge
        case EMFILE, ENFILE, ENOMEM, EAGAIN: .noResources
        case ENOSYS, ENOTSUP: .unsupported
        default: .inputOutput
        }
    }

    /// The end of a sentence that says what is wrong, in plain words.
    fileprivate var explanation: String {
        switch rawValue {
        case ENOENT: "it does not exist"
        case ENOTDIR: "a part of its path is no directory"
        case ELOOP: "its symbolic links lead in a circle"
        case ENAMETOOLONG: "its name is too long"
        case EEXIST: "it exists already"
        case EISDIR: "it is a directory"
        case EACCES, EPERM: "permission denied"
        case EROFS: "the file system is read-only"
        case ENOSPC: "the disk is full"
        case EDQUOT: "the disk quota is used up"
        case EFBIG: "the file would outgrow its limit"
        case EMFILE, ENFILE: "too many files are open"
        case ENOMEM, EAGAIN: "the system is out of resources"
        case ENOSYS, ENOTSUP: "this system does not support it"
        default: "the system reports error \(rawValue)"
        }
    }
}
