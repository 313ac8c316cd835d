package import AlulaAuth
package import AlulaJSON
package import AlulaPrimitives

/// One credential store in memory: both files as they are, and what they mean.
///
/// Members that are not understood are kept and written back as they were. Nothing that describes a document shows
/// its content, because the raw members hold secrets.
package struct CredentialStoreDocument: Sendable {
    /// Which files the profiles came from.
    package let origin: StoreFact.Origin
    /// The file that the profiles came from, for messages.
    package let path: String
    package private(set) var profiles: [ProfileID: StoredProfile] = [:]
    /// Explicit orders; an empty list switches a provider's profiles off.
    package private(set) var order: [ProviderID: [ProfileID]] = [:]
    package private(set) var lastGood: [ProviderID: ProfileID] = [:]
    package private(set) var usage: [ProfileID: ProfileUsage] = [:]
    /// What is wrong with parts of the store; the rest is used.
    package var problems: [SourceProblem] = []

    /// The members of `auth-profiles.json`.
    private(set) var profileMembers: JSONObject
    /// The members of `auth-state.json`.
    private(set) var stateMembers: JSONObject

    /// An empty store.
    package init(path: String = "") {
        self.init(profiles: JSONObject(), state: JSONObject(), origin: .empty, path: path)
    }

    /// Takes over the members of both files.
    init(profiles: JSONObject, state: JSONObject, origin: StoreFact.Origin, path: String) {
        self.origin = origin
        self.path = path
        profileMembers = profiles
        stateMembers = state
        readProfiles()
        readState()
    }

    /// Whether `value` is a store: a document with an object called `profiles`.
    package static func isStore(_ value: JSONValue) -> Bool { value["profiles"]?.object != nil }

    /// Changes the members of both files, and reads anew what they mean.
    mutating func edit(_ change: (_ profiles: inout JSONObject, _ state: inout JSONObject) -> Void) {
        change(&profileMembers, &stateMembers)
        problems.removeAll { $0.code == .entriesRejected }
        readProfiles()
        readState()
    }

    // MARK: Reading

    private mutating func readProfiles() {
        profiles = [:]
        var rejected: [(key: String, reason: StoredProfileDecoder.Rejection)] = []
        for (key, entry) in profileMembers["profiles"]?.object ?? JSONObject() {
            do throws(StoredProfileDecoder.Rejection) {
                profiles[ProfileID(key)] = try StoredProfileDecoder.decode(entry)
            } catch {
                rejected.append((key, error))
            }
        }
        if !rejected.isEmpty { problems.append(.entriesRejected(rejected, path: path)) }
    }

    /// State that older versions kept inside of the profiles file lies below the state file's own.
    private mutating func readState() {
        order = [:]
        lastGood = [:]
        usage = [:]
        for members in [profileMembers, stateMembers] {
            for (key, value) in members["order"]?.object ?? JSONObject() {
                guard let ids = Self.order(value) else { continue }
                order[ProviderID(key)] = ids
            }
            for (key, value) in members["lastGood"]?.object ?? JSONObject() {
                guard let id = StoredProfileDecoder.text(value) else { continue }
                lastGood[ProviderID(key)] = ProfileID(id)
            }
            for (key, value) in members["usageStats"]?.object ?? JSONObject() {
                guard let object = value.object else { continue }
                usage[ProfileID(key)] = ProfileUsage(stored: object)
            }
        }
        usage = usage.filter { $0.value != ProfileUsage() }
    }

    /// A list with nothing usable in it is a mistake and not the empty list, which would switch a provider off.
    private static func order(_ value: JSONValue) -> [ProfileID]? {
        guard let elements = value.array else { return nil }
        var seen: Set<ProfileID> = []
        let ids = elements.compactMap { StoredProfileDecoder.text($0).map { ProfileID($0) } }
            .filter { seen.insert($0).inserted }
        return ids.isEmpty && !elements.isEmpty ? nil : ids
    }
}

extension CredentialStoreDocument: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "credential store (\(profiles.count) profiles)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
