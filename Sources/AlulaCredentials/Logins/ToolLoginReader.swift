package import AlulaAuth
import AlulaSystem

/// Reads the login file of another tool. The file is never written.
package enum ToolLoginReader {
    /// Blocks the calling thread.
    ///
    /// - Parameter path: The file; a symbolic link is followed.
    package static func load(_ tool: LoginTool, path: String) -> SourceOutcome<ToolLogin> {
        SourceFile.load(path, maximum: SourceFile.maximumLogin).flatMap { file in
            let outcome = ToolLoginDecoder.decode(tool, bytes: file.bytes, modified: file.modified, path: path)
            guard case .found(var login) = outcome else { return outcome }
            login.version = FactVersion(of: [file.bytes])
            return .found(login)
        }
    }
}
