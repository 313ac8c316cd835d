package import AlulaJSON
import AlulaPrimitives

extension PairingRequest {
    /// The wire's object, in `device.pair.list` and in the event `device.pair.requested`.
    package var payload: JSONValue {
        var object = JSONObject()
        object["requestId"] = .string(requestID)
        object["deviceId"] = .string(device.rawValue)
        object["publicKey"] = .string(publicKey)
        about.write(to: &object)
        object["roles"] = roles.sorted().json
        object["scopes"] = scopes.spellings.json
        object["silent"] = .bool(isSilent)
        object["isRepair"] = .bool(isRepair)
        object["ts"] = askedAt.json
        return .object(object)
    }
}

extension DeviceToken {
    /// The wire's object, without the token.
    package var summary: JSONValue {
        var object = JSONObject()
        object["role"] = .string(role)
        object["scopes"] = scopes.spellings.json
        object["createdAtMs"] = createdAt.json
        object["rotatedAtMs"] = rotatedAt.map(\.json)
        object["revokedAtMs"] = revokedAt.map(\.json)
        object["lastUsedAtMs"] = lastUsedAt.map(\.json)
        return .object(object)
    }

    /// What the device itself is told when it connects. The only payload that holds the token.
    package var issued: JSONValue {
        [
            "deviceToken": .string(token.exposed), "role": .string(role), "scopes": scopes.spellings.json,
            "issuedAtMs": issuedAt.json,
        ]
    }
}

extension DeviceRecord {
    /// The wire's object, without tokens.
    package var payload: JSONValue {
        var object = JSONObject()
        object["deviceId"] = .string(id.rawValue)
        object["publicKey"] = .string(publicKey)
        about.write(to: &object)
        object["operatorLabel"] = label.map { .string($0) }
        object["roles"] = roles.sorted().json
        object["scopes"] = scopes.spellings.json
        object["createdAtMs"] = createdAt.json
        object["approvedAtMs"] = approvedAt.json
        object["tokens"] = .array(tokens.sorted { $0.key < $1.key }.map(\.value.summary))
        return .object(object)
    }
}

extension DeviceBook {
    /// The result of `device.pair.list`: who waits, the newest first, and who is paired, the newest first.
    package var payload: JSONValue {
        let waiting = requests.values.sorted { ($1.askedAt, $0.requestID) < ($0.askedAt, $1.requestID) }
        let paired = devices.values.sorted { ($1.approvedAt, $0.id) < ($0.approvedAt, $1.id) }
        return ["pending": .array(waiting.map(\.payload)), "paired": .array(paired.map(\.payload))]
    }
}

extension DeviceBook.News {
    /// The event that tells the others, if there is one.
    package var event: (name: String, payload: JSONValue)? {
        switch self {
        case .requested(let request):
            return ("device.pair.requested", request.payload)
        case .resolved(let requestID, let device, let isApproved, let time):
            return (
                "device.pair.resolved",
                [
                    "requestId": .string(requestID), "deviceId": .string(device.rawValue),
                    "decision": isApproved ? "approved" : "rejected", "ts": time.json,
                ]
            )
        case .withdrawn:
            return nil
        }
    }
}

extension DeviceBook.Withdrawal {
    /// Why a connection ends.
    package var closeReason: CloseReason {
        switch self {
        case .removed: CloseReason(4001, "device removed")
        case .rotated: CloseReason(4001, "client invalidated: device token rotated")
        case .revoked: CloseReason(4001, "client invalidated: device token revoked")
        }
    }
}
