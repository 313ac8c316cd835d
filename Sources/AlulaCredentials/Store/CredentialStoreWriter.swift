package import AlulaAuth
import AlulaJSON
package import AlulaPrimitives
import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Changes a store under its lock: reads it anew, applies one change, and replaces the files that differ.
///
/// Edits of other programs survive, because what is written is what was read under the lock plus the change. Every
/// operation blocks the calling thread.
package struct CredentialStoreWriter: Sendable {
    /// Who wants the change. What cannot be understood is replaced for a person only, and a copy is kept.
    package enum Purpose: Sendable {
        case requested
        /// Windows, counters and the like, which the gateway records by itself.
        case bookkeeping
    }

    /// What a change came to.
    package struct Outcome<Value: Sendable>: Sendable {
        /// What the change returned.
        package var value: Value
        /// Whether the file of credentials was replaced.
        package var didWriteProfiles = false
        /// Whether the file of orders and windows was replaced or removed.
        package var didWriteState = false
        /// Copies of files that could not be understood and were replaced.
        package var keptAside: [String] = []
        /// What did not work and did not matter.
        package var warnings: [SourceProblem] = []
    }

    /// Another program of ours holds the lock for milliseconds, so the pauses are shorter than the reference's; the
    /// age at which a lock counts as left behind is the same.
    private static let policy = SidecarLock.Policy(
        retries: 1000, minimumPause: .milliseconds(5), maximumPause: .milliseconds(100),
        stale: SidecarLock.Policy.store.stale)
    /// How often a change is applied again because somebody wrote without taking the lock.
    private static let maximumAttempts = 5
    /// How long to wait for the lock unless the caller says otherwise.
    package static let standardPatience = Duration.seconds(20)

    private let files: CredentialStoreFiles
    private let mainFiles: CredentialStoreFiles?
    private let isReadOnly: Bool
    private let loader: CredentialStoreLoader
    private let now: @Sendable () -> Timestamp

    /// Makes a writer for one store.
    ///
    /// - Parameters:
    ///   - main: The store that `files` inherits from; `nil` for the main store itself.
    ///   - isReadOnly: ``isReadOnly(variables:)``.
    package init(
        _ files: CredentialStoreFiles, main: CredentialStoreFiles? = nil, isReadOnly: Bool = false,
        loader: CredentialStoreLoader = .init(), now: @escaping @Sendable () -> Timestamp
    ) {
        self.files = files
        mainFiles = main.flatMap { $0.store == files.store ? nil : $0 }
        self.isReadOnly = isReadOnly
        self.loader = loader
        self.now = now
    }

    /// Whether the environment forbids every write to a store.
    package static func isReadOnly(variables: (String) -> String?) -> Bool {
        ["OPENCLAW_AUTH_STORE_READONLY", "ALULA_AUTH_STORE_READONLY"].contains { variables($0)?.trimmed() == "1" }
    }

    /// Applies `change` to the store as it is on disk now.
    ///
    /// - Parameter change: May be called several times, such as when a program that knows no locks wrote meanwhile.
    /// - Throws: ``CredentialError`` with ``CredentialError/Code/storeReadOnly``, ``CredentialError/Code/storeBusy``,
    ///   ``CredentialError/Code/storeUnreadable`` or ``CredentialError/Code/storeNotWritable``, or what `change` throws.
    @discardableResult
    package func update<Value: Sendable>(
        _ purpose: Purpose, deadline: Deadline? = nil,
        _ change: (inout CredentialStoreDocument) throws(CredentialError) -> Value
    ) throws(CredentialError) -> Outcome<Value> {
        guard !isReadOnly else {
            throw CredentialError(.storeReadOnly, "The credential stores are read-only here; nothing was changed.")
        }
        if let value = try resultIfNothingIsThere(change) { return Outcome(value: value) }
        let lock = try acquire(deadline: deadline ?? .after(Self.standardPatience))
        defer { lock.release() }
        for _ in 0..<Self.maximumAttempts {
            let earlier = try load()
            var document = earlier.document
            let value = try change(&document)
            document.prune(since: earlier.document, main: purpose == .requested ? loadMain() : nil)
            guard lock.isStillHeld else { break }
            guard try load().version == earlier.version else { continue }
            var outcome = Outcome(value: value)
            try write(document, over: earlier, for: purpose, into: &outcome)
            if purpose == .requested {
                outcome.warnings += removeMigrated(into: earlier.document) + repairRights() + removeLeftovers()
            }
            return outcome
        }
        throw CredentialError(.storeBusy, "The store kept changing and this change was given up; try again.")
    }

    // MARK: Reading under the lock

    /// What `change` returns when it leaves a store that isn't there as it is: signing out must not make directories.
    private func resultIfNothingIsThere<Value>(
        _ change: (inout CredentialStoreDocument) throws(CredentialError) -> Value
    ) throws(CredentialError) -> Value? {
        do throws(SystemError) {
            guard try FileIdentity.ofExisting(files.store.directory) == nil else { return nil }
        } catch {
            throw Self.notWritable(error)
        }
        let earlier = try load().document
        var document = earlier
        let value = try change(&document)
        let isSame =
            document.profileMembers == earlier.profileMembers && document.stateMembers == earlier.stateMembers
        return isSame ? value : nil
    }

    private func acquire(deadline: Deadline) throws(CredentialError) -> SidecarLock {
        do throws(SystemError) {
            try Directory.make(files.store.directory)
            return try SidecarLock.acquire(for: files.profilesPath, policy: Self.policy, deadline: deadline)
        } catch {
            switch error.code {
            case .lockHeld, .deadlineExceeded:
                throw CredentialError(
                    .storeBusy, "Another program is changing the credentials; try again when it is done.",
                    underlying: error)
            default:
                throw Self.notWritable(error)
            }
        }
    }

    /// A store as it is on disk.
    private struct Found {
        var document: CredentialStoreDocument
        /// `nil` when there is nothing.
        var version: FactVersion?
        /// What is wrong with files, by path.
        var faults: [String: SourceProblem] = [:]
    }

    /// Reads the store; files that can't be used are taken for missing and remembered.
    private func load() throws(CredentialError) -> Found {
        var found = Found(document: CredentialStoreDocument(path: files.profilesPath))
        let replaceable = [files.profilesPath, files.legacyMapPath, files.legacyOAuthPath].compactMap { $0 }
        while true {
            switch loader.load(files, ignoring: Set(found.faults.keys)) {
            case .absent:
                return found
            case .found(let loaded):
                found.document = loaded.document
                found.version = loaded.version
                for problem in loaded.document.problems where problem.code != .entriesRejected {
                    if let path = problem.path { found.faults[path] = problem }
                }
                return found
            case .failed(let problem):
                guard let path = problem.path, replaceable.contains(path), found.faults[path] == nil else {
                    throw Self.unreadable(problem)
                }
                found.faults[path] = problem
            }
        }
    }

    private func loadMain() -> CredentialStoreDocument? {
        mainFiles.flatMap { loader.load($0).content?.document }
    }

    // MARK: Writing

    private func write<Value>(
        _ document: CredentialStoreDocument, over earlier: Found, for purpose: Purpose,
        into outcome: inout Outcome<Value>
    ) throws(CredentialError) {
        let origin = earlier.document.origin
        // What older or later versions keep elsewhere moves here as a whole, or it would be hidden by the new file.
        let isMigrated = purpose == .requested && origin != .profiles && origin != .empty
        if isMigrated || document.profileMembers != earlier.document.profileMembers {
            try keepAside(files.profilesPath, of: earlier, for: purpose, into: &outcome.keptAside)
            try write(document.profileMembers, to: files.profilesPath)
            outcome.didWriteProfiles = true
            if origin == .legacyMap { outcome.warnings += removeMigrated() }
        }
        if document.stateMembers != earlier.document.stateMembers
            || (isMigrated && origin == .database && !document.hasNoState)
        {
            try keepAside(files.statePath, of: earlier, for: purpose, into: &outcome.keptAside)
            try writeState(document)
            outcome.didWriteState = true
        }
    }

    private func write(_ members: JSONObject, to path: String) throws(CredentialError) {
        let bytes = JSONValue.object(members).serialized(.pretty) + [0x0A]
        do throws(SystemError) {
            try DurableFile.replace(path, with: bytes, mode: 0o600)
        } catch {
            throw Self.notWritable(error)
        }
    }

    /// A state file without state is removed; where a link stands, what it leads to is emptied.
    private func writeState(_ document: CredentialStoreDocument) throws(CredentialError) {
        var members = document.stateMembers
        let isLink: Bool
        do throws(SystemError) {
            isLink = try Directory.linkTarget(files.statePath) != nil
        } catch {
            throw Self.notWritable(error)
        }
        if document.hasNoState, !isLink {
            do throws(SystemError) {
                return try DurableFile.remove(files.statePath)
            } catch {
                throw Self.notWritable(error)
            }
        }
        if members["version"] == nil { members = JSONObject([("version", 1)] + members.map { ($0.key, $0.value) }) }
        try write(members, to: files.statePath)
    }

    /// Copies a file that is about to be replaced though nobody understood it; only a person may want that.
    private func keepAside(
        _ path: String, of earlier: Found, for purpose: Purpose, into copies: inout [String]
    ) throws(CredentialError) {
        guard let fault = earlier.faults[path] else { return }
        guard purpose == .requested, fault.code == .malformed || fault.code == .wrongShape else {
            throw Self.unreadable(fault)
        }
        let stamp = now().iso8601.filter { $0 != "-" && $0 != ":" }
        let copy = "\(path).corrupt-\(stamp)"
        do throws(SystemError) {
            let contents = try FileReader.read(path, maximum: SourceFile.maximumStore)
            try DurableFile.replace(copy, with: contents.bytes, mode: 0o600)
        } catch {
            throw Self.notWritable(error)
        }
        copies.append(copy)
    }

    /// The older file goes once its credentials are safe in the new one.
    private func removeMigrated() -> [SourceProblem] {
        do throws(SystemError) {
            try DurableFile.remove(files.legacyMapPath)
            return []
        } catch {
            return [SourceProblem(error, path: files.legacyMapPath)]
        }
    }

    /// The older file is still there when a writer was killed right after everything in it had moved. One that says
    /// anything else than the new file is somebody's own affair.
    private func removeMigrated(into earlier: CredentialStoreDocument) -> [SourceProblem] {
        guard earlier.origin == .profiles,
            let older = loader.load(files, ignoring: [files.profilesPath]).content?.document,
            older.origin == .legacyMap, let entries = older.profileMembers["profiles"]?.object, !entries.isEmpty,
            entries.allSatisfy({ earlier.profileMembers["profiles"]?[$0.key] == $0.value })
        else { return [] }
        return removeMigrated()
    }

    /// Takes from others what rights they have on files that were not written.
    private func repairRights() -> [SourceProblem] {
        [files.profilesPath, files.statePath].compactMap { path in
            do throws(SystemError) {
                guard let identity = try FileIdentity.ofExisting(path), identity.mode & 0o777 != 0o600 else {
                    return nil
                }
                guard chmod(path, 0o600) == 0 else {
                    throw SystemError(.current, while: "repair the rights of the file")
                }
                return nil
            } catch {
                return SourceProblem(error, path: path)
            }
        }
    }

    /// Removes what writers that were killed in the middle left; whoever holds the lock is the only one who writes.
    private func removeLeftovers() -> [SourceProblem] {
        do throws(SystemError) {
            let prefixes = [files.profilesPath, files.statePath].map { ".\(PathText.name(of: $0))." }
            for entry in try Directory.list(files.store.directory) where entry.name.hasSuffix(".tmp") {
                // Others who wait for the lock have theirs in the making.
                guard prefixes.contains(where: entry.name.hasPrefix), !entry.name.contains(".lock.") else { continue }
                unlink(PathText.join(files.store.directory, entry.name))
            }
            return []
        } catch {
            return [SourceProblem(error, path: files.store.directory)]
        }
    }

    private static func notWritable(_ error: SystemError) -> CredentialError {
        CredentialError(
            .storeNotWritable, "The credentials could not be stored. \(error.message)", underlying: error)
    }

    private static func unreadable(_ problem: SourceProblem) -> CredentialError {
        CredentialError(
            .storeUnreadable, "The credential store can't be used, so nothing was changed. \(problem.message)")
    }
}
