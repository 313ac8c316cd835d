package import AlulaConfiguration
import AlulaPrimitives
package import AlulaState
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where the log file is: a file per day in a directory of our own below the temporary one, which is where the
/// reference's tools look, or the one file that the configuration names.
package struct LogFilePlace: Hashable, Sendable {
    /// How long files of earlier days are kept.
    static let keptDays = 7
    /// The reference's directory.
    private static let referenceDirectory = "/tmp/openclaw"
    private static let ending = ".log"

    /// Where files of a day may be, the best first.
    let directories: [String]
    /// How the names of files of a day begin; ends with a hyphen.
    let stem: String
    /// `logging.file`, absolute; files of a day are not used then.
    let fixed: String?

    /// - Parameter variables: The process's environment. `ALULA_LOG_DIR` is used in place of the standard directories.
    package init(settings: LoggingSettings, layout: StateLayout, variables: [String: String]) {
        fixed = settings.file.flatMap { file in
            let path = file.trimmed()
            return path.isEmpty ? nil : StateLayout.absolute(path, home: layout.home, in: layout.state)
        }
        stem = layout.profile.map { "openclaw-\($0)-" } ?? "openclaw-"
        if let named = variables["ALULA_LOG_DIR"]?.trimmed(), !named.isEmpty {
            directories = [StateLayout.absolute(named, home: layout.home, in: layout.state)]
        } else {
            let temporary = GatewayLock.temporaryDirectory(variables)
            directories = [Self.referenceDirectory, "\(temporary)/openclaw-\(geteuid())"]
        }
    }

    /// The path of the file that is written on `day`, such as `2026-11-25`, with its directory made if need be. Blocks the
    /// calling thread.
    ///
    /// - Throws: ``SystemError`` when no directory is ours alone.
    func prepare(day: String) throws(SystemError) -> String {
        if let fixed {
            try Directory.make(PathText.directory(of: fixed))
            return fixed
        }
        var failure = SystemError(.notFound, "There is no directory for log files.")
        for directory in directories {
            do throws(SystemError) {
                try Directory.make(directory)
                try Self.claim(directory)
                return PathText.join(directory, "\(stem)\(day)\(Self.ending)")
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// The file that was written last, or the one that would be written today. Makes nothing. Blocks the calling thread.
    func current(day: String) throws(SystemError) -> String {
        if let fixed { return fixed }
        for directory in directories {
            guard let identity = try FileIdentity.ofExisting(directory, followsLinks: false),
                identity.kind == .directory, identity.uid == geteuid()
            else { continue }
            if let newest = try days(in: directory).max() {
                return PathText.join(directory, "\(stem)\(newest)\(Self.ending)")
            }
        }
        return PathText.join(directories.first ?? "/", "\(stem)\(day)\(Self.ending)")
    }

    /// Where the `number`th full file goes: `a.log` → `a.1.log`.
    static func archive(_ number: Int, of path: String) -> String {
        let name = PathText.name(of: path)
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "\(path).\(number)" }
        return PathText.join(PathText.directory(of: path), "\(name[..<dot]).\(number)\(name[dot...])")
    }

    /// Removes files of days before `day` less ``keptDays``, archives included. Blocks the calling thread.
    ///
    /// - Parameter oldest: The first day that is kept.
    func prune(before oldest: String, in directory: String) throws(SystemError) {
        guard fixed == nil else { return }
        for entry in try Directory.list(directory) where entry.kind == .regular {
            guard let day = day(of: entry.name, withArchives: true), day < oldest else { continue }
            unlink(PathText.join(directory, entry.name))
        }
    }

    // MARK: Parts

    /// The days of which there is a file.
    private func days(in directory: String) throws(SystemError) -> [String] {
        try Directory.list(directory).compactMap { $0.kind == .regular ? day(of: $0.name, withArchives: false) : nil }
    }

    private func day(of name: String, withArchives: Bool) -> String? {
        guard name.hasPrefix(stem), name.hasSuffix(Self.ending) else { return nil }
        let middle = name.dropFirst(stem.count).dropLast(Self.ending.count)
        let day = middle.prefix(10)
        let shape = day.map { $0.isASCII && $0.isNumber ? "0" : String($0) }.joined()
        guard shape == "0000-00-00" else { return nil }
        let rest = middle.dropFirst(10)
        guard rest.isEmpty || (withArchives && rest.first == "." && Int(rest.dropFirst()) != nil) else { return nil }
        return String(day)
    }

    /// Makes sure that a directory, whose parent others may write to, is ours alone.
    private static func claim(_ directory: String) throws(SystemError) {
        let identity = try FileIdentity.of(directory, followsLinks: false)
        guard identity.kind == .directory else {
            throw SystemError(.notDirectory, "The directory for log files is something else.")
        }
        guard identity.uid == geteuid() else {
            throw SystemError(.wrongOwner, "The directory for log files belongs to another user.")
        }
        if identity.mode & 0o022 != 0, chmod(directory, 0o700) != 0 {
            throw SystemError(.tooPermissive, "Other users may write to the directory for log files.")
        }
    }
}
