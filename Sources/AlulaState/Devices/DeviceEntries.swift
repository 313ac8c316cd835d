import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

// The entries of the files, in the reference's shapes. Reading takes what it can: a member of a wrong kind counts as
// missing, except where missing would give a right.

extension DeviceRecord {
    /// Reads an entry of `paired.json`; `nil` when it names no key.
    init?(key: String, entry: JSONValue) {
        guard let publicKey = entry["publicKey"]?.filledString else { return nil }
        let description = DeviceDescription(entry)
        let roles = entry["roles"]?.words ?? description.role.map { [$0] } ?? []
        self.init(
            id: DeviceID(key), publicKey: publicKey, roles: Set(roles),
            scopes: (entry["approvedScopes"] ?? entry["scopes"])?.scopes ?? [],
            createdAt: entry["createdAtMs"]?.instant ?? Timestamp(milliseconds: 0),
            approvedAt: entry["approvedAtMs"]?.instant ?? Timestamp(milliseconds: 0))
        about = description
        label = entry["operatorLabel"]?.filledString
        if case .object(let tokens)? = entry["tokens"] {
            for (role, token) in tokens { self.tokens[role] = DeviceToken(role: role, entry: token) }
        }
    }

    /// Writes what is known here, and only what differs from what was read.
    func write(to entry: inout JSONObject, knowing known: DeviceRecord?) {
        entry["deviceId"] = .string(id.rawValue)
        entry["publicKey"] = .string(publicKey)
        for member in DeviceDescription.members {
            entry.setText(member.key, about[keyPath: member.place], was: known?.about[keyPath: member.place])
        }
        entry.setText("operatorLabel", label, was: known?.label)
        if known?.roles != roles { entry["roles"] = .words(roles.sorted()) }
        if known?.scopes != scopes {
            entry["scopes"] = .words(scopes.spellings)
            entry["approvedScopes"] = .words(scopes.spellings)
        }
        if known?.createdAt != createdAt { entry["createdAtMs"] = .number(createdAt.milliseconds) }
        if known?.approvedAt != approvedAt { entry["approvedAtMs"] = .number(approvedAt.milliseconds) }
        var written = entry["tokens"]?.object ?? JSONObject()
        for role in known?.tokens.keys.sorted() ?? [] where tokens[role] == nil { written[role] = nil }
        for (role, token) in tokens.sorted(by: { $0.key < $1.key }) {
            var object = written[role]?.object ?? JSONObject()
            token.write(to: &object, knowing: known?.tokens[role])
            written[role] = .object(object)
        }
        if !written.isEmpty || entry["tokens"] != nil { entry["tokens"] = .object(written) }
    }
}

extension DeviceToken {
    /// Reads an entry of `tokens`; `nil` when it holds no token.
    init?(role: String, entry: JSONValue) {
        guard let text = entry["token"]?.filledString else { return nil }
        self.init(
            token: Secret(text), role: role, scopes: entry["scopes"]?.scopes ?? [],
            createdAt: entry["createdAtMs"]?.instant ?? Timestamp(milliseconds: 0))
        rotatedAt = entry["rotatedAtMs"]?.instant
        lastUsedAt = entry["lastUsedAtMs"]?.instant
        // Whatever stands here, somebody meant to take the token away.
        if let revoked = entry["revokedAtMs"], !revoked.isNull {
            revokedAt = revoked.instant ?? Timestamp(milliseconds: 0)
        }
    }

    func write(to entry: inout JSONObject, knowing known: DeviceToken?) {
        if known.map({ $0.token.matches(token) }) != true { entry["token"] = .string(token.exposed) }
        entry["role"] = .string(role)
        if known?.scopes != scopes { entry["scopes"] = .words(scopes.spellings) }
        if known?.createdAt != createdAt { entry["createdAtMs"] = .number(createdAt.milliseconds) }
        entry.setTime("rotatedAtMs", rotatedAt, was: known?.rotatedAt)
        entry.setTime("revokedAtMs", revokedAt, was: known?.revokedAt)
        entry.setTime("lastUsedAtMs", lastUsedAt, was: known?.lastUsedAt)
    }
}

extension PairingRequest {
    /// Reads an entry of `pending.json`; `nil` when it names no device, no key or no time.
    init?(key: String, entry: JSONValue) {
        guard let device = entry["deviceId"]?.filledString, let publicKey = entry["publicKey"]?.filledString,
            let askedAt = entry["ts"]?.instant
        else { return nil }
        let description = DeviceDescription(entry)
        self.init(
            requestID: key, device: DeviceID(device), publicKey: publicKey,
            roles: Set(entry["roles"]?.words ?? description.role.map { [$0] } ?? []),
            scopes: entry["scopes"]?.scopes ?? [],
            askedAt: askedAt)
        about = description
        isSilent = entry["silent"]?.bool ?? false
        isRepair = entry["isRepair"]?.bool ?? false
    }

    func write(to entry: inout JSONObject) {
        // What goes over the wire is what the reference keeps.
        for (key, value) in payload.object ?? JSONObject() { entry[key] = value }
    }
}

extension JSONValue {
    /// A text that is not empty.
    fileprivate var filledString: String? { string.flatMap { $0.isEmpty ? nil : $0 } }
    /// A point in time in milliseconds.
    fileprivate var instant: Timestamp? { double.flatMap { Timestamp(validating: $0) } }
    /// The texts of an array; `nil` for other kinds.
    fileprivate var words: [String]? { array?.compactMap(\.string) }
    fileprivate var scopes: Set<Scope>? { words.map { Set($0.map { Scope(rawValue: $0) }) } }

    fileprivate static func words(_ words: [String]) -> JSONValue { .array(words.map { .string($0) }) }
}

extension JSONObject {
    fileprivate mutating func setText(_ key: String, _ text: String?, was known: String?) {
        if text != known { self[key] = text.map { .string($0) } }
    }

    fileprivate mutating func setTime(_ key: String, _ time: Timestamp?, was known: Timestamp?) {
        if time != known { self[key] = time.map { .number($0.milliseconds) } }
    }
}
