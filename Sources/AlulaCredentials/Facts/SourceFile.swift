import AlulaAuth
import AlulaPrimitives
import AlulaSystem

/// Reads the files of sources, with bounds, and says in a source's words what is wrong with one.
enum SourceFile {
    /// The bound for login files, files of credentials and the AWS files.
    static let maximumLogin = ByteCount.mebibytes(1)
    /// The bound for each file of a store.
    static let maximumStore = ByteCount.mebibytes(32)

    /// Blocks the calling thread.
    static func load(
        _ path: String, maximum: ByteCount, requirements: FileReader.Requirements = .init()
    ) -> SourceOutcome<FileContents> {
        do throws(SystemError) {
            guard let contents = try FileReader.readExisting(path, maximum: maximum, requirements: requirements)
            else { return .absent }
            return .found(contents)
        } catch {
            return .failed(SourceProblem(error, path: path))
        }
    }
}

extension SourceProblem {
    /// What the operating system said about a file.
    init(_ error: SystemError, path: String) {
        let code: Code
        let remedy: String
        switch error.code {
        case .isDirectory, .isPipe, .isSocket, .isDevice, .linkRefused:
            code = .notRegularFile
            remedy = "Put a regular file there, or move away what is there."
        case .notPermitted:
            code = .permissionDenied
            remedy = "Give the user who runs the gateway the right to read it."
        case .wrongOwner, .tooPermissive:
            code = .permissionsTooOpen
            remedy = "Let the file belong to the user who runs the gateway, and type: chmod 600 on it."
        case .tooLarge:
            code = .tooLarge
            remedy = "Look whether this is the right file, and move it away if it is not."
        case .linkLoop:
            code = .linkLoop
            remedy = "Let the symbolic link lead to the file."
        case .danglingLink:
            code = .unreadable
            remedy = "Let the symbolic link lead to the file, or remove it."
        case .lockHeld:
            code = .locked
            remedy = "Wait until the other program is done, and try again."
        case .unsupported:
            code = .unsupported
            remedy = "Keep the file on another file system."
        case .deadlineExceeded, .poolSaturated, .poolShutDown, .notFound, .notDirectory, .invalidPath, .alreadyExists,
            .readOnlyFileSystem, .tooManyEntries, .noSpace, .noResources, .cannotStart, .silent, .outputTooLarge,
            .childEnded, .inputOutput:
            code = .unreadable
            remedy = "Look at the file and its disk, and try again."
        }
        self.init(code, error.message, path: path, remedy: remedy)
    }
}

extension FileContents {
    /// When the file was last written.
    var modified: Timestamp { Timestamp(milliseconds: max(0, identity.modified / 1_000_000)) }
}
