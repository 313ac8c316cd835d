import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Directory {
    /// Makes a new, empty directory below `parent` that only its owner may look into, and returns its path. Blocks the
    /// calling thread.
    ///
    /// - Parameter prefix: How its name begins.
    package static func makeTemporary(in parent: String, prefix: String) throws(SystemError) -> String {
        BlockingContext.assertAllowed()
        try PathText.check(parent)
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw PathText.failure(.current, path: parent, while: "make a temporary directory")
        }
        return String(cString: made)
    }

    /// Removes `path` with everything in it; links are removed and not followed. Blocks the calling thread.
    package static func removeAll(_ path: String) throws(SystemError) {
        for entry in try list(path) {
            let child = "\(path)/\(entry.name)"
            if unlink(child) == 0 || errno == ENOENT { continue }
            let failure = ErrorNumber.current
            guard failure.rawValue == EISDIR || failure.rawValue == EPERM else {
                throw PathText.failure(failure, path: child, while: "remove the file")
            }
            try removeAll(child)
        }
        guard rmdir(path) == 0 || errno == ENOENT else {
            throw PathText.failure(.current, path: path, while: "remove the directory")
        }
    }
}
