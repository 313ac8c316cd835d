import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// The API keys as the file of them holds them.
///
/// ```json
/// {"version": 1, "keys": [{"name": "laptop", "digest": "n4bQ…", "createdAtMs": 1764000000000, "models": ["openai/*"],
///   "requestsPerMinute": 60, "tokensPerDay": 100000, "expiresAtMs": 1795536000000}]}
/// ```
///
/// An entry that can't be understood opens nothing, since its limits may be what is wrong with it; it is written back as it
/// was.
package struct APIKeyBook: Sendable {
    /// More keys than anybody needs; reading them stays quick.
    package static let maximumKeys = 10_000
    private static let version = 1

    private var entries: [JSONValue] = []
    private var byDigest: [[UInt8]: APIKey] = [:]
    /// Where somebody edited the file so that a name is there twice, the first entry of it.
    private var byName: [String: APIKey] = [:]

    package init() {}

    /// - Parameter bytes: The file; `nil` when there is none.
    /// - Returns: `nil` for what is no file of keys, or one of a later version.
    package init?(_ bytes: [UInt8]?) {
        guard let bytes else { return }
        do throws(JSONError) {
            let root = try JSONValue.parse(bytes)
            guard root["version"]?.integer == Int64(Self.version), let entries = root["keys"]?.array else { return nil }
            self.entries = entries
        } catch {
            return nil
        }
        for entry in entries {
            guard let key = APIKey(entry) else { continue }
            byDigest[key.digest] = key
            if byName[key.name] == nil { byName[key.name] = key }
        }
    }

    /// The file's bytes.
    package var bytes: [UInt8] {
        let root: JSONValue = ["version": .number(Self.version), "keys": .array(entries)]
        return root.serialized(.pretty) + [0x0A]
    }

    /// All that can be understood, by their names.
    package var keys: [APIKey] { byDigest.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) } }

    /// All entries of the file.
    package var entryCount: Int { entries.count }

    /// Entries that can't be understood.
    package var unreadableCount: Int { entries.count - byDigest.count }

    /// The key with this digest. Whoever does not have a key can't choose its digest, so the time that this takes says
    /// nothing about one.
    package subscript(digest digest: [UInt8]) -> APIKey? { byDigest[digest] }

    /// The key of that name.
    package subscript(named name: String) -> APIKey? { byName[name] }

    /// - Returns: `false` when there is an entry of that name, or no room.
    package mutating func add(_ key: APIKey) -> Bool {
        guard entries.count < Self.maximumKeys, !entries.contains(where: { $0["name"]?.string == key.name }) else {
            return false
        }
        entries.append(key.entry)
        byDigest[key.digest] = key
        byName[key.name] = key
        return true
    }

    /// Removes the entry of that name, also one that can't be understood.
    ///
    /// - Returns: Whether there was one.
    package mutating func remove(named name: String) -> Bool {
        let count = entries.count
        entries.removeAll { $0["name"]?.string == name }
        byDigest = byDigest.filter { $0.value.name != name }
        byName[name] = nil
        return entries.count < count
    }
}

extension APIKey {
    /// Reads an entry of the file; `nil` when anything that gives or limits a right can't be understood.
    fileprivate init?(_ entry: JSONValue) {
        guard let name = entry["name"]?.string, Self.isName(name),
            let digest = entry["digest"]?.string.flatMap({ Base64Text.decoded($0, maximumBytes: 32) }),
            digest.count == 32,
            let expiry = Self.bound(entry["expiresAtMs"]),
            let requests = Self.bound(entry["requestsPerMinute"]), let tokens = Self.bound(entry["tokensPerDay"]),
            requests ?? 1 <= Int64(APIKeyLimits.maximumRequestsPerMinute)
        else { return nil }
        var limits = APIKeyLimits(requestsPerMinute: requests.map { Int($0) }, tokensPerDay: tokens.map { Int($0) })
        if let models = entry["models"], !models.isNull {
            guard let texts = models.array, !texts.isEmpty else { return nil }
            limits.models = texts.compactMap { $0.string.flatMap { ModelPattern($0) } }
            guard limits.models.count == texts.count else { return nil }
        }
        self.init(
            name: name, digest: digest,
            createdAt: Timestamp(milliseconds: entry["createdAtMs"]?.integer ?? 0),
            expiresAt: expiry.map { Timestamp(milliseconds: $0) }, limits: limits)
    }

    /// A positive whole number, or none; `nil` for anything else.
    private static func bound(_ value: JSONValue?) -> Int64?? {
        guard let value, !value.isNull else { return .some(nil) }
        guard let number = value.integer, number > 0 else { return nil }
        return number
    }

    /// The entry for the file.
    fileprivate var entry: JSONValue {
        var entry = JSONObject([
            ("name", .string(name)), ("digest", .string(Base64Text.encoded(digest))),
            ("createdAtMs", .number(createdAt.milliseconds)),
        ])
        if let expiresAt { entry["expiresAtMs"] = .number(expiresAt.milliseconds) }
        if !limits.models.isEmpty { entry["models"] = .array(limits.models.map { .string($0.description) }) }
        if let requests = limits.requestsPerMinute { entry["requestsPerMinute"] = .number(requests) }
        if let tokens = limits.tokensPerDay { entry["tokensPerDay"] = .number(tokens) }
        return .object(entry)
    }
}
