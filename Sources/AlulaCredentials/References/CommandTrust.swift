import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Checks that a helper program is one that only its owner, or the system's, could have put there.
enum CommandTrust {
    /// Checks the program's path, kind, owner, rights and directory. Blocks the calling thread.
    ///
    /// - Returns: The program's path with links resolved, where those are allowed.
    static func check(_ command: SecretHelperCommand) throws(SecretResolutionError) -> String {
        guard command.command.hasPrefix("/") else {
            throw SecretResolutionError(.invalidSettings, "The command has to be an absolute path.")
        }
        var path = command.command
        var identity = try look { () throws(SystemError) in try FileIdentity.of(path, followsLinks: false) }
        if identity.kind == .symbolicLink {
            guard command.allowsSymbolicLink else {
                throw insecure("The command is a symbolic link; name the program itself.")
            }
            path = try look { () throws(SystemError) in try Directory.realPath(command.command) }
            identity = try look { () throws(SystemError) in try FileIdentity.of(path) }
        }
        guard identity.kind == .regular else { throw insecure("The command is not a program.") }
        if !command.trustedDirectories.isEmpty, try !isInside(command.trustedDirectories, path: path) {
            throw insecure("The command lies in none of the trusted directories.")
        }
        guard !command.allowsInsecurePath else { return path }
        // The user who runs the gateway, or the one who may do everything anyway.
        guard identity.uid == geteuid() || identity.uid == 0 else {
            throw insecure("The command belongs to another user; make it yours with chown.")
        }
        guard identity.mode & 0o022 == 0 else {
            throw insecure("Others may change the command; type: chmod go-w on it.")
        }
        let directory = try look { () throws(SystemError) in try FileIdentity.of(PathText.directory(of: path)) }
        guard directory.mode & 0o002 == 0 || directory.mode & 0o1000 != 0 else {
            throw insecure("Others may replace the command; type: chmod o-w on its directory.")
        }
        return path
    }

    /// Directories that do not exist trust nothing.
    private static func isInside(_ directories: [String], path: String) throws(SecretResolutionError) -> Bool {
        let path = try look { () throws(SystemError) in try Directory.realPath(path) }
        for directory in directories {
            let isThere = try look { () throws(SystemError) in try FileIdentity.ofExisting(directory) != nil }
            guard isThere else { continue }
            let root = try look { () throws(SystemError) in try Directory.realPath(directory) }
            if path.hasPrefix(root == "/" ? root : root + "/") { return true }
        }
        return false
    }

    private static func insecure(_ message: String) -> SecretResolutionError {
        SecretResolutionError(.insecurePath, message)
    }

    private static func look<Value>(_ body: () throws(SystemError) -> Value) throws(SecretResolutionError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw SecretResolutionError(.sourceUnreadable, "The command can't be used. \(error.message)")
        }
    }
}
