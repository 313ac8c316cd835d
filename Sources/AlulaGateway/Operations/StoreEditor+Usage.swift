package import AlulaAuth
import AlulaCredentials
import AlulaModels
package import AlulaPrimitives

/// One call that is to be recorded, with the rules that held when it ended.
package struct NotedCall: Sendable {
    var call: ProfileCall
    var provider: ProviderID
    var policy: CooldownPolicy
    /// The profile belongs to another tool's login and is in no store.
    var isBorrowed: Bool
    var revision: UInt64

    package init(
        call: ProfileCall, provider: ProviderID, policy: CooldownPolicy, isBorrowed: Bool, revision: UInt64
    ) {
        self.call = call
        self.provider = provider
        self.policy = policy
        self.isBorrowed = isBorrowed
        self.revision = revision
    }
}

extension StoreEditor {
    /// How long recording may take; whoever records tries again.
    private static let recordingPatience = Duration.seconds(10)

    /// Adds what became of calls to what is recorded in `store`, starting from what the file says now.
    ///
    /// What belongs to a profile that was removed meanwhile is left out.
    package func record(_ calls: [ProfileID: [NotedCall]], in store: StoreID) async throws {
        try await edit(store, patience: Self.recordingPatience) { writer in
            try writer.update(.bookkeeping, deadline: .after(Self.recordingPatience)) {
                (document) throws(CredentialError) in
                for (id, calls) in calls {
                    guard document.profiles[id] != nil || document.usage[id] != nil || calls.last?.isBorrowed == true
                    else { continue }
                    document.updateUsage(of: id) { usage in
                        for noted in calls {
                            _ = usage.record(noted.call, provider: noted.provider, policy: noted.policy)
                        }
                    }
                    guard let last = calls.last, last.call.outcome == .success else { continue }
                    let provider = ProviderTable.builtIn.authProvider(of: last.provider)
                    if document.lastGood[provider] != id { document.setLastGood(id, for: provider) }
                }
            }
        }
    }
}
