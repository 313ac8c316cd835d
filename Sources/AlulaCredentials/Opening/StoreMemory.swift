import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Synchronization

/// Keeps the profiles of stores for as long as their file stays the one that was read.
final class StoreMemory: Sendable {
    private struct Kept {
        let identity: FileIdentity
        let profiles: [ProfileID: StoredProfile]
    }

    /// A file that changed less than this before it was looked at may change again without looking any different, since the
    /// clocks of file systems are coarse.
    private static let restlessness = Duration.seconds(2)
    /// Stores that are kept; agents may have thousands, and few make calls at the same time.
    private static let maximumStores = 64

    private let now: @Sendable () -> Timestamp
    private let kept = Mutex<[CredentialStoreFiles: Kept]>([:])

    init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    /// The profiles of a store, as they are on disk now. Blocks the calling thread.
    ///
    /// - Parameter load: Reads a store.
    func profiles(
        of files: CredentialStoreFiles,
        loadedBy load: (CredentialStoreFiles) -> SourceOutcome<CredentialStoreLoader.Loaded>
    ) -> SourceOutcome<[ProfileID: StoredProfile]> {
        // Looked at before it is read: a write in between makes the next look differ.
        let identity = Self.identity(at: files.profilesPath)
        if let identity, let known = kept.withLock({ $0[files] }), known.identity == identity {
            return .found(known.profiles)
        }
        switch load(files) {
        case .absent: return .absent
        case .failed(let problem): return .failed(problem)
        case .found(let loaded):
            let profiles = loaded.document.profiles
            // What comes from elsewhere depends on more files than this one.
            if let identity, loaded.document.origin == .profiles, isSettled(identity) {
                keep(Kept(identity: identity, profiles: profiles), of: files)
            } else {
                kept.withLock { $0[files] = nil }
            }
            return .found(profiles)
        }
    }

    /// `nil` for what can't be looked at: loading it says what is wrong, or finds the store in another place.
    private static func identity(at path: String) -> FileIdentity? {
        do { return try FileReader.look(at: path) } catch { return nil }
    }

    private func keep(_ store: Kept, of files: CredentialStoreFiles) {
        kept.withLock { kept in
            if kept.count >= Self.maximumStores, kept[files] == nil { kept.removeAll() }
            kept[files] = store
        }
    }

    private func isSettled(_ identity: FileIdentity) -> Bool {
        let changed = Timestamp(milliseconds: max(identity.changed, identity.modified) / 1_000_000)
        return now().duration(since: changed) >= Self.restlessness
    }
}
