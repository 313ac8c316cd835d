import AlulaAuth
import AlulaPrimitives

/// Where the copies of a login may be.
package struct RenewalScope: Sendable {
    /// The store of the agent that asks; `nil` when that is the main store.
    package let own: CredentialStoreFiles?
    /// The store that all agents inherit from.
    package let main: CredentialStoreFiles
    /// Every other store that may hold a copy; whatever is renewed is renewed there too.
    package let others: [CredentialStoreFiles]

    package init(own: CredentialStoreFiles?, main: CredentialStoreFiles, others: [CredentialStoreFiles] = []) {
        self.own = own.flatMap { $0.store == main.store ? nil : $0 }
        self.main = main
        var seen: Set<StoreID> = [main.store]
        if let own { seen.insert(own.store) }
        self.others = others.filter { seen.insert($0.store).inserted }
    }
}

/// One login as it is on disk at one moment, with its secrets.
struct LoginLook: Sendable {
    /// One copy.
    struct Copy: Sendable {
        var files: CredentialStoreFiles
        var origin: StoreFact.Origin
        var profile: StoredProfile
        var fact: ProfileFact
    }

    let own: Copy?
    let main: Copy?

    /// Reads both stores. Blocks the calling thread.
    ///
    /// - Throws: ``CredentialError/Code/storeUnreadable`` when no store has the profile and one can't be read.
    init(_ id: ProfileID, in scope: RenewalScope, loader: CredentialStoreLoader) throws(CredentialError) {
        var isUnreadable = false
        func copy(_ files: CredentialStoreFiles?) -> Copy? {
            guard let files else { return nil }
            switch loader.load(files) {
            case .absent: return nil
            case .failed:
                isUnreadable = true
                return nil
            case .found(let loaded):
                guard let profile = loaded.document.profiles[id] else { return nil }
                return Copy(
                    files: files, origin: loaded.document.origin, profile: profile, fact: profile.fact(markers: []))
            }
        }
        own = copy(scope.own)
        main = copy(scope.main)
        if own == nil, main == nil, isUnreadable {
            throw CredentialError(.storeUnreadable, "The credential store can't be read; alula doctor says why.")
        }
    }

    var copies: LoginCopies { LoginCopies(own: own?.fact, main: main?.fact) }

    subscript(copy: RenewalStep.Copy) -> Copy? {
        switch copy {
        case .own: own
        case .main: main
        }
    }
}
