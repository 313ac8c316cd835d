import AlulaAuth
import AlulaPrimitives
import AlulaSystem

extension RenewalTurn {
    /// Writing into one store, the wait for its lock included: longer than a lock that was left behind is believed.
    private static let writePatience = Duration.seconds(35)
    /// Writing into all stores with copies.
    private static let mirrorPatience = Duration.seconds(30)

    /// Puts new tokens into every store with a copy, and leaves word of where they went.
    ///
    /// - Parameter place: Where the login lives on.
    /// - Returns: Stores with a copy that could not be written.
    func put(
        _ tokens: RenewedTokens, at place: RenewalRecord.Place, until deadline: Deadline
    ) async -> [StoreID] {
        var near = [scope.own, scope.main].compactMap { $0 }
        if !near.contains(where: { $0.store == place.store }) { near.append(CredentialStoreFiles(place.store)) }
        var unwritten = await write(tokens, to: near, until: deadline.capped(at: Self.writePatience))
        // Until the login's own store has them, the record is where they are kept.
        let isKept = !unwritten.contains(place.store)
        unwritten += await write(tokens, to: scope.others, until: deadline.capped(at: Self.mirrorPatience))
        guard isKept else { return unwritten }
        let (files, token, now) = (parts.files, due.token, parts.now())
        let record: RenewalRecord? = tokens.replaces(token) ? .settled(place) : nil
        do {
            try await parts.pool.run("leave word of a renewal", deadline: .after(Self.diskPatience)) {
                try files.keep(record, of: token)
                try files.removeOld(at: now)
            }
        } catch {
            // The record that is there says more than enough.
        }
        return unwritten
    }

    private func write(
        _ tokens: RenewedTokens, to stores: [CredentialStoreFiles], until deadline: Deadline
    ) async -> [StoreID] {
        guard !stores.isEmpty else { return [] }
        let turn = self
        do {
            return try await parts.pool.run("put new tokens into stores", deadline: deadline) {
                stores.filter { !turn.write(tokens, to: $0, until: deadline) }.map(\.store)
            }
        } catch {
            return stores.map(\.store)
        }
    }

    /// Blocks the calling thread.
    ///
    /// - Returns: Whether no copy of the used up token is left there.
    private func write(_ tokens: RenewedTokens, to files: CredentialStoreFiles, until deadline: Deadline) -> Bool {
        let loader = CredentialStoreLoader(databases: parts.databases)
        var trial: CredentialStoreDocument
        switch loader.load(files) {
        case .absent: return true
        // Nobody can tell what is in it.
        case .failed: return false
        case .found(let loaded): trial = loaded.document
        }
        guard trial.origin != .database, !trial.renew(due.token, of: due.provider, with: tokens).isEmpty else {
            return true
        }
        guard !deadline.hasPassed else { return false }
        do {
            try CredentialStoreWriter(files, loader: loader, now: parts.now).update(.bookkeeping, deadline: deadline) {
                (document) throws(CredentialError) in
                _ = document.renew(due.token, of: due.provider, with: tokens)
            }
            return true
        } catch {
            return false
        }
    }
}
